using ClusterTransfer.Model;
using ClusterTransfer.Model.Faults;
using ClusterTransfer.Model.Stages;
using ClusterTransfer.Storage.Outgoing;
using ClusterTransfer.Transfers.Compression;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Work;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Pacing;
using ClusterTransfer.Wire.Compression;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Chunks;

/// <summary>How the reading and queueing of one chunk ended.</summary>
/// <param name="Digest">What was read, for evidence.</param>
/// <param name="Absent">Members of a pack that could not be read unchanged; the rest was sent.</param>
/// <param name="Problem">Why nothing was sent: the file changed or cannot be read.</param>
internal readonly record struct ChunkMove(Digest Digest, IReadOnlyList<EntryProblem> Absent, Problem? Problem)
{
    /// <summary>Completes when its last byte was handed to the socket, which on a slow link is long after it was queued; cancelled when that will not be.
    /// Null when nothing was sent.</summary>
    public Task? Written { get; init; }
}

/// <summary>Reads a chunk into a pooled buffer, hashing it on the way, and hands it to a connection.</summary>
internal interface IChunkMover
{
    /// <summary>Completes when the connection has taken the chunk into its short queue.</summary>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    /// <exception cref="ClusterTransferException">The connection ended.</exception>
    Task<ChunkMove> MoveAsync(PlannedChunk chunk, ConnectionHandle connection, CancellationToken cancellationToken);
}

/// <summary>The mover of one source session.</summary>
internal sealed class ChunkMover(
    OutgoingTransfer outgoing,
    SessionId session,
    Epoch epoch,
    BufferPool buffers,
    IWorkers workers,
    TransferPacer pacer,
    ChunkCompressor compressor,
    LinkMeter link,
    StageClock stages) : IChunkMover
{
    private int _reading;

    /// <summary>Whether chunks wait for a buffer or a worker, or are read.</summary>
    public bool IsReading => Volatile.Read(ref _reading) > 0;

    public async Task<ChunkMove> MoveAsync(PlannedChunk chunk, ConnectionHandle connection, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await TryMoveAsync(chunk, connection, cancellationToken).ConfigureAwait(false) is { } move)
            {
                return move;
            }
        }
    }

    // Null when a limit was lowered while it was read: its buffer is wanted by others before its turn comes, so that it waits anew, without one.
    private async Task<ChunkMove?> TryMoveAsync(PlannedChunk chunk, ConnectionHandle connection, CancellationToken cancellationToken)
    {
        // Before a buffer is rented: under a limit a chunk waits long, and the buffers are there for all transfers.
        PacedChunk? paced = await BeginAsync(chunk.Length, cancellationToken).ConfigureAwait(false);
        BufferLease? lease = null;
        try
        {
            // An empty pack still needs a buffer to own: pools hand out no buffer of length 0.
            lease = await RentAsync(Math.Max(1, chunk.Length), cancellationToken).ConfigureAwait(false);
            Memory<byte> memory = lease.Memory;
            Fault.Point("u1.before");
            var peer = new PeerCodecs((HelloFeatures)connection.Connection.PeerHello.Features);
            (ChunkRead read, PayloadCodec codec, int length) = await ReadAsync(chunk, memory, peer, cancellationToken).ConfigureAwait(false);
            Fault.Point("u1.after");
            if (read.Problem is not null)
            {
                return new ChunkMove(read.Digest, read.Absent, read.Problem);
            }

            lease.Length = length;
            byte[] prefix = PrefixOf(chunk, read);
            var header = new FrameHeader(
                FrameType.Chunk, (chunk.IsPacked ? FrameFlags.Packed : FrameFlags.None) | FlagOf(codec), session, epoch, chunk.Entry, chunk.Index, read.Length, 0);
            var written = new TaskCompletionSource(connection.Connection.Completions);
            var frame = OutgoingFrame.Chunk(header, prefix, lease, written, paced, stages);
            PacedChunk turn = paced;
            (lease, paced) = (null, null);   // the frame owns them now, and the connection the frame
            if (!turn.TryHold(frame))
            {
                frame.Dispose();
                return null;
            }

            Fault.Point("u2.before");
            bool isQueued = await SendAsync(connection.Connection, frame, written.Task, length, cancellationToken).ConfigureAwait(false);
            Fault.Point("u2.after");
            return isQueued
                ? new ChunkMove(read.Digest, read.Absent, null) { Written = written.Task }
                : throw new ClusterTransferException(Reason.SessionLost, $"Connection {connection.Number} has ended.");
        }
        finally
        {
            lease?.Dispose();
            paced?.Dispose();
        }
    }

    // A limit is a slow link: time in which a chunk waits for it counts as such.
    private async ValueTask<PacedChunk> BeginAsync(int length, CancellationToken cancellationToken)
    {
        link.Queued();
        stages.Enter(ChunkPhase.Throttle);
        try
        {
            return await pacer.BeginAsync(length, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            stages.Leave(ChunkPhase.Throttle);
            link.Left(0, 0);
        }
    }

    // Whether it is written or given up, a frame that was given to a connection leaves it once.
    private async ValueTask<bool> SendAsync(IDataConnection connection, OutgoingFrame frame, Task written, int length, CancellationToken cancellationToken)
    {
        int rawLength = frame.Header.RawLength;
        link.Queued();
        _ = written.ContinueWith(
            done => link.Left(done.IsCompletedSuccessfully ? length : 0, done.IsCompletedSuccessfully ? rawLength : 0), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return await connection.SendChunkAsync(frame, cancellationToken).ConfigureAwait(false);
    }

    // Others of this node may hold all buffers: that is no standstill of this transfer.
    private async ValueTask<BufferLease> RentAsync(int length, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reading);
        stages.Enter(ChunkPhase.Buffer);
        try
        {
            return await buffers.RentAsync(length, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            stages.Leave(ChunkPhase.Buffer);
            Interlocked.Decrement(ref _reading);
        }
    }

    private static FrameFlags FlagOf(PayloadCodec codec) => codec switch
    {
        PayloadCodec.Lz4 => FrameFlags.Lz4,
        PayloadCodec.Zstandard => FrameFlags.Zstandard,
        _ => FrameFlags.None,
    };

    private async Task<(ChunkRead Read, PayloadCodec Codec, int Length)> ReadAsync(PlannedChunk chunk, Memory<byte> memory, PeerCodecs peer, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reading);
        stages.Enter(ChunkPhase.Worker);
        bool hasBegun = false;
        try
        {
            return await workers.RunAsync(
                () =>
                {
                    hasBegun = true;
                    stages.Leave(ChunkPhase.Worker);
                    ChunkRead read = outgoing.ReadChunk(chunk, memory);
                    int length = read.Length;
                    PayloadCodec codec = read.Problem is null ? Compress(memory.Span[..read.Length], peer, out length) : PayloadCodec.None;
                    return (read, codec, length);
                },
                cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!hasBegun)
            {
                stages.Leave(ChunkPhase.Worker);
            }

            Interlocked.Decrement(ref _reading);
        }
    }

    private PayloadCodec Compress(Span<byte> bytes, PeerCodecs peer, out int length)
    {
        using var step = new PhaseStep(stages, ChunkPhase.Compress);
        return compressor.Compress(bytes, peer, out length);
    }

    private static byte[] PrefixOf(in PlannedChunk chunk, in ChunkRead read)
    {
        uint[] absent = [.. read.Absent.Select(member => member.Entry.Value)];
        byte[] prefix = new byte[ChunkPrefix.LengthOf(chunk.IsPacked, absent.Length)];
        ChunkPrefix.Write(prefix, chunk.IsPacked, read.Digest, absent);
        return prefix;
    }
}
