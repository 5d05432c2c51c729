using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Stages;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Transfers.Compression;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Work;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Wire.Compression;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>Frames for a destination session: chunks go to the workers, which check and write them; the rest goes to the actor, a bounded number at a time.</summary>
/// <remarks>A full worker queue holds the receive pump up, so a slow disk closes the sender's window; nothing buffers without bound.</remarks>
internal sealed class DestinationPort(IActorRef session, IncomingTransfer incoming, IWorkers workers, ControlGate gate, ScratchBuffers scratch, StageClock stages) : ISessionPort
{
    private long _bytesArrived;
    private int _chunksInWork;

    /// <summary>Bytes of the session's frames so far, of those that are not whole yet as well.</summary>
    public long BytesArrived => Interlocked.Read(ref _bytesArrived);

    /// <summary>Whether chunks wait for a worker, are checked or written.</summary>
    public bool IsBusy => Volatile.Read(ref _chunksInWork) > 0;

    public void OnBytes(int bytes) => Interlocked.Add(ref _bytesArrived, bytes);

    public async ValueTask OnFrameAsync(ConnectionHandle connection, FrameHeader header, BufferLease body, CancellationToken cancellationToken)
    {
        if (header.Type != FrameType.Chunk)
        {
            await gate.PassAsync(session, connection, header, body, cancellationToken).ConfigureAwait(false);
            return;
        }

        Interlocked.Increment(ref _chunksInWork);
        stages.Enter(ChunkPhase.Turn);
        try
        {
            await workers.EnqueueAsync(() => Handle(connection, header, body), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            stages.Leave(ChunkPhase.Turn);
            Interlocked.Decrement(ref _chunksInWork);
            body.Dispose();
            throw;
        }
    }

    private void Handle(ConnectionHandle connection, FrameHeader header, BufferLease body)
    {
        stages.Leave(ChunkPhase.Turn);
        using BufferLease owned = body;
        ReadOnlySpan<byte> bytes = body.Memory.Span[..body.Length];
        ChunkWrite result;
        Digest expected = default;
        try
        {
            result = Write(header, bytes, ref expected);
        }
        catch (Exception error)
        {
            // The top of this pipe: whatever it was becomes a fact for the session, which decides.
            result = new ChunkWrite(
                ChunkWriteOutcome.Failed,
                Problem: (error as ClusterTransferException)?.Problem
                    ?? new Problem(Reason.DiskError, $"Chunk {header.Chunk} could not be written: {error.Message}"));
        }

        Interlocked.Decrement(ref _chunksInWork);
        session.Tell(new DestinationProtocol.ChunkHandled(connection, header.Chunk, header.RawLength, expected, result));
    }

    private ChunkWrite Write(FrameHeader header, ReadOnlySpan<byte> body, ref Digest expected)
    {
        PayloadCodec codec = CodecOf(header.Flags);
        if (!ChunkPrefix.TryRead(body, header.Flags.HasFlag(FrameFlags.Packed), out ChunkPrefix prefix)
            || (codec == PayloadCodec.None && body.Length - prefix.Length != header.RawLength))
        {
            return new ChunkWrite(ChunkWriteOutcome.WrongLength);
        }

        expected = prefix.Digest;
        Span<uint> absent = stackalloc uint[ManifestLimits.MaxPackMembers];
        absent = absent[..prefix.AbsentCount];
        prefix.CopyAbsentTo(absent);
        if (codec == PayloadCodec.None)
        {
            return incoming.WriteChunk(header.Chunk, prefix.Digest, absent, body[prefix.Length..]);
        }

        // The length is the header's, at most that of the longest chunk; nothing is written beyond it.
        using ScratchBuffers.Lent restored = scratch.Borrow(header.RawLength);
        return Restore(codec, body[prefix.Length..], restored.Span)
            ? incoming.WriteChunk(header.Chunk, prefix.Digest, absent, restored.Span)
            : new ChunkWrite(ChunkWriteOutcome.Corrupt);
    }

    private bool Restore(PayloadCodec codec, ReadOnlySpan<byte> payload, Span<byte> restored)
    {
        using var step = new PhaseStep(stages, ChunkPhase.Verify);
        return NativeCodec.Of(codec)?.TryDecompress(payload, restored) == true;
    }

    // Both at once is none that there is.
    private static PayloadCodec CodecOf(FrameFlags flags) => (flags & (FrameFlags.Lz4 | FrameFlags.Zstandard)) switch
    {
        0 => PayloadCodec.None,
        FrameFlags.Lz4 => PayloadCodec.Lz4,
        FrameFlags.Zstandard => PayloadCodec.Zstandard,
        _ => (PayloadCodec)(-1),
    };
}
