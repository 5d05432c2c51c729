using ClusterTransfer.Model.Stages;
using ClusterTransfer.Transport.Pacing;
using ClusterTransfer.Transport.Records;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Connections;

/// <summary>Writes frames to a stream: small ones together, the payload of a large one straight from its lease.</summary>
/// <remarks>Not thread-safe: one pump writes. After a throw or a cancelled write nothing more can be written.</remarks>
internal sealed class FrameWriter(Stream stream, Liveness liveness, ConnectionCounters counters)
{
    // One TLS record: larger parts would be cut there anyway, and a part is the unit in which progress is seen. What small frames and the head of a
    // large one are gathered in has this size under every layer, so that it fits into what the peer's reader reads ahead.
    private const int Part = 16 * 1024;

    private readonly LayerStream? _layer = stream as LayerStream;
    private readonly int _part = stream is LayerStream ? LayerStream.PartBytes : Part;
    private readonly byte[] _pending = new byte[Part];
    private readonly List<TaskCompletionSource> _toTell = [];     // whoever waits for one of the unwritten; no more than headers fit into a part
    private int _filled;
    private int _unwritten;             // frames that are whole and not counted, because bytes of them are still kept

    /// <summary>Writes a frame, or keeps it (copied) until there is more or <see cref="FlushAsync"/>. Borrows it. One that was recalled is passed over.</summary>
    public async ValueTask WriteAsync(OutgoingFrame frame, CancellationToken cancellationToken)
    {
        if (!frame.TryBeginWrite())
        {
            return;
        }

        frame.Enter(ChunkPhase.Send);
        TimeSpan sealedBefore = _layer?.Sealing ?? TimeSpan.Zero;
        if (Part - _filled < FrameHeader.Size)
        {
            await FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        frame.Header.Write(_pending.AsSpan(_filled));
        _filled += FrameHeader.Size;
        await AppendAsync(frame.Prefix, cancellationToken).ConfigureAwait(false);
        if (frame.Pacer is { } pacer)
        {
            await AppendPacedAsync(frame, pacer, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await AppendAsync(frame.Payload, cancellationToken).ConfigureAwait(false);
        }

        frame.Leave((_layer?.Sealing ?? TimeSpan.Zero) - sealedBefore);
        _unwritten++;
        if (frame.TakeWritten() is { } written)
        {
            _toTell.Add(written);
        }

        if (_filled == 0)
        {
            CountWritten();
        }
    }

    /// <summary>Writes out what is kept.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_filled > 0)
        {
            int filled = _filled;
            _filled = 0;
            await WriteOutAsync(_pending.AsMemory(0, filled), cancellationToken).ConfigureAwait(false);
            CountWritten();
        }
    }

    /// <summary>What is kept will not be written. Nothing may be written from then on.</summary>
    public void Abandon()
    {
        _toTell.ForEach(static written => written.TrySetCanceled());
        _toTell.Clear();
    }

    private async ValueTask AppendPacedAsync(OutgoingFrame frame, IPacer pacer, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> payload = frame.Payload;
        while (!payload.IsEmpty)
        {
            ValueTask<int> turn = pacer.TakeAsync(payload.Length, cancellationToken);
            if (!turn.IsCompleted)
            {
                // Others need not wait for a limit: what is kept of them goes now. Nothing is being written then, so the peer is not blamed for the wait.
                await FlushAsync(cancellationToken).ConfigureAwait(false);
            }

            bool waits = !turn.IsCompleted;
            if (waits)
            {
                frame.Enter(ChunkPhase.Pace);
            }

            int part = await turn.ConfigureAwait(false);
            if (waits)
            {
                frame.Enter(ChunkPhase.Send);
            }

            await AppendAsync(payload[..part], cancellationToken).ConfigureAwait(false);
            payload = payload[part..];
        }
    }

    private async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        // The first record is filled up; what follows in a large payload is not copied.
        int head = Math.Min(bytes.Length, Part - _filled);
        bytes.Span[..head].CopyTo(_pending.AsSpan(_filled));
        _filled += head;
        if (head < bytes.Length)
        {
            await FlushAsync(cancellationToken).ConfigureAwait(false);
            await WriteOutAsync(bytes[head..], cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask WriteOutAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            ReadOnlyMemory<byte> part = bytes[..Math.Min(bytes.Length, _part)];
            liveness.WriteProgressed();
            await stream.WriteAsync(part, cancellationToken).ConfigureAwait(false);
            ConnectionCounters.Add(ref counters.BytesSent, part.Length);
            bytes = bytes[part.Length..];
        }

        liveness.WriteEnded();
    }

    private void CountWritten()
    {
        ConnectionCounters.Add(ref counters.FramesSent, _unwritten);
        _unwritten = 0;
        _toTell.ForEach(static written => written.TrySetResult());
        _toTell.Clear();
    }
}
