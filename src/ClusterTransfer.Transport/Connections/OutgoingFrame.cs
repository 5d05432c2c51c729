using ClusterTransfer.Model.Stages;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Pacing;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Connections;

/// <summary>A frame to be sent: header, a small part of its own memory, and perhaps a leased payload. Owns the lease.</summary>
public sealed class OutgoingFrame : IRecallable, IDisposable
{
    private const int Queued = 0;
    private const int Writing = 1;
    private const int Recalled = 2;

    private int _state;
    private BufferLease? _payload;
    private TaskCompletionSource? _written;
    private IPacer? _pacer;
    private StageClock? _stages;
    private ChunkPhase _phase;

    private OutgoingFrame(FrameHeader header, ReadOnlyMemory<byte> prefix, BufferLease? payload, TaskCompletionSource? written = null, IPacer? pacer = null)
    {
        int length = checked(prefix.Length + (payload?.Length ?? 0));
        if (length > FrameLimits.BodyOf(header.Type))
        {
            payload?.Dispose();
            pacer?.Dispose();
            throw new ArgumentException($"A body of {length} bytes is too long for {header.Type}.", nameof(header));
        }

        Header = header with { WireLength = length };
        Prefix = prefix;
        _payload = payload;
        _written = written;
        _pacer = pacer;
    }

    /// <summary>The header, with the length of the body filled in.</summary>
    public FrameHeader Header { get; }

    /// <summary>First part of the body; must not change until the frame is disposed.</summary>
    public ReadOnlyMemory<byte> Prefix { get; }

    /// <summary>Second part of the body; empty without a lease.</summary>
    public ReadOnlyMemory<byte> Payload => _payload?.Memory ?? ReadOnlyMemory<byte>.Empty;

    /// <summary>Says when how much of the payload may be written; null where nothing is limited.</summary>
    public IPacer? Pacer => _pacer;

    /// <summary>A frame whose body is small or not leased.</summary>
    /// <param name="header">Its length is overwritten.</param>
    /// <param name="body">The whole body.</param>
    public static OutgoingFrame Control(FrameHeader header, ReadOnlyMemory<byte> body) => new(header, body, null);

    /// <summary>A control frame with a body that writes itself.</summary>
    public static OutgoingFrame Control<T>(FrameHeader header, T body)
        where T : IFrameBody => new(header, body.ToArray(), null);

    /// <summary>A frame with a leased payload. Takes ownership of the lease, also when it throws.</summary>
    /// <param name="header">Its wire length is overwritten; its raw length is the caller's.</param>
    /// <param name="prefix">What stands before the payload.</param>
    /// <param name="payload">Sent without copying; returned when the frame is disposed.</param>
    /// <param name="written">Completed when the last byte was handed to the socket: only from then on can an answer be late. Cancelled when that will not be.</param>
    /// <param name="pacer">Asked before each part of the payload is written, and disposed with the frame; null where nothing is limited.</param>
    /// <param name="stages">Counts how long it waits and is written, from now on; null when nobody asks.</param>
    public static OutgoingFrame Chunk(
        FrameHeader header, ReadOnlyMemory<byte> prefix, BufferLease payload, TaskCompletionSource? written = null, IPacer? pacer = null, StageClock? stages = null)
    {
        var frame = new OutgoingFrame(header, prefix, payload, written, pacer) { _stages = stages, _phase = ChunkPhase.Line };
        stages?.Enter(ChunkPhase.Line);
        return frame;
    }

    /// <summary>Returns the lease. The connection does this for every frame it was given.</summary>
    public void Dispose()
    {
        Interlocked.Exchange(ref _payload, null)?.Dispose();
        Interlocked.Exchange(ref _pacer, null)?.Dispose();
        LeaveConnection();
        TakeWritten()?.TrySetCanceled();
    }

    /// <inheritdoc/>
    /// <remarks>Whoever waits for it to be written hears <see cref="FrameRecalledException"/>. It stays in the queue without its payload, and is passed over there.</remarks>
    public void Recall()
    {
        if (Interlocked.CompareExchange(ref _state, Recalled, Queued) == Queued)
        {
            TaskCompletionSource? written = TakeWritten();
            Dispose();
            written?.TrySetException(new FrameRecalledException());
        }
    }

    /// <summary>It is written now, and not recalled any more; false when it was.</summary>
    internal bool TryBeginWrite() => Interlocked.CompareExchange(ref _state, Writing, Queued) == Queued;

    /// <summary>For whoever writes it: what it is at.</summary>
    internal void Enter(ChunkPhase phase)
    {
        _stages?.Move(_phase, phase);
        _phase = phase;
    }

    /// <summary>For whoever writes it: it is out.</summary>
    /// <param name="sealing">Of the time in which it was written, that in which it was sealed.</param>
    internal void Leave(TimeSpan sealing)
    {
        _stages?.Add(ChunkPhase.Seal, sealing);
        LeaveConnection();
    }

    /// <summary>For whoever writes it, and completes this when the last byte is out; the frame does not do so any more.</summary>
    internal TaskCompletionSource? TakeWritten() => Interlocked.Exchange(ref _written, null);

    private void LeaveConnection() => Interlocked.Exchange(ref _stages, null)?.Leave(_phase);
}
