using System.Threading.Channels;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Tests.Support;

/// <summary>Keeps what arrives; may hold each frame until the test lets go.</summary>
internal sealed class RecordingReceiver : IFrameReceiver
{
    private readonly Channel<(FrameHeader Header, byte[] Body)> _frames = Channel.CreateBounded<(FrameHeader, byte[])>(100_000);
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _refused = [];
    private int _count;

    /// <summary>Frames wait for it; completed by default.</summary>
    public Task Gate { get; init; } = Task.CompletedTask;

    /// <summary>Whether to keep bodies.</summary>
    public bool KeepBodies { get; init; } = true;

    public Exception? Throws { get; init; }

    public int Count => Volatile.Read(ref _count);

    /// <summary>Completes when the first frame is there.</summary>
    public Task Entered => _entered.Task;

    /// <summary>What was skipped.</summary>
    public IReadOnlyList<string> Refused
    {
        get
        {
            lock (_refused)
            {
                return [.. _refused];
            }
        }
    }

    public void OnRefused(string what)
    {
        lock (_refused)
        {
            _refused.Add(what);
        }
    }

    public async ValueTask OnFrameAsync(FrameHeader header, BufferLease body, CancellationToken cancellationToken)
    {
        using BufferLease owned = body;
        _entered.TrySetResult();
        if (Throws is not null)
        {
            throw Throws;
        }

        await Gate.WaitAsync(cancellationToken);
        Interlocked.Increment(ref _count);
        await _frames.Writer.WriteAsync((header, KeepBodies ? owned.Memory.ToArray() : []), cancellationToken);
    }

    public Task<(FrameHeader Header, byte[] Body)> NextAsync() => _frames.Reader.ReadAsync().AsTask().WithinDeadline();
}
