using ClusterTransfer.Model;
using ClusterTransfer.Model.Faults;
using ClusterTransfer.Storage.Outgoing;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Work;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Pacing;
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
    OutgoingTransfer outgoing, SessionId session, Epoch epoch, BufferPool buffers, IWorkers workers, TransferPacer pacer) : IChunkMover
{
    private int _reading;

    /// <summary>Whether chunks wait for a worker or are read.</summary>
    public bool IsReading => Volatile.Read(ref _reading) > 0;

    public async Task<ChunkMove> MoveAsync(PlannedChunk chunk, ConnectionHandle connection, CancellationToken cancellationToken)
    {
        // Before a buffer is rented: under a limit a chunk waits long, and the buffers are there for all transfers.
        IPacer? paced = await pacer.BeginAsync(chunk.Length, cancellationToken).ConfigureAwait(false);
        BufferLease? lease = null;
        try
        {
            // An empty pack still needs a buffer to own: pools hand out no buffer of length 0.
            lease = await buffers.RentAsync(Math.Max(1, chunk.Length), cancellationToken).ConfigureAwait(false);
            Memory<byte> memory = lease.Memory;
            Fault.Point("u1.before");
            ChunkRead read = await ReadAsync(chunk, memory, cancellationToken).ConfigureAwait(false);
            Fault.Point("u1.after");
            if (read.Problem is not null)
            {
                return new ChunkMove(read.Digest, read.Absent, read.Problem);
            }

            lease.Length = read.Length;
            byte[] prefix = PrefixOf(chunk, read);
            var header = new FrameHeader(
                FrameType.Chunk, chunk.IsPacked ? FrameFlags.Packed : FrameFlags.None, session, epoch, chunk.Entry, chunk.Index, read.Length, 0);
            var written = new TaskCompletionSource(connection.Connection.Completions);
            var frame = OutgoingFrame.Chunk(header, prefix, lease, written, paced);
            (lease, paced) = (null, null);   // the frame owns them now, and the connection the frame
            Fault.Point("u2.before");
            bool isQueued = await connection.Connection.SendChunkAsync(frame, cancellationToken).ConfigureAwait(false);
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

    private async Task<ChunkRead> ReadAsync(PlannedChunk chunk, Memory<byte> memory, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reading);
        try
        {
            return await workers.RunAsync(() => outgoing.ReadChunk(chunk, memory), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _reading);
        }
    }

    private static byte[] PrefixOf(in PlannedChunk chunk, in ChunkRead read)
    {
        uint[] absent = [.. read.Absent.Select(member => member.Entry.Value)];
        byte[] prefix = new byte[ChunkPrefix.LengthOf(chunk.IsPacked, absent.Length)];
        ChunkPrefix.Write(prefix, chunk.IsPacked, read.Digest, absent);
        return prefix;
    }
}
