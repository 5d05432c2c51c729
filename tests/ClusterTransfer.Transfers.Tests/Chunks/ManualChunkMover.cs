using ClusterTransfer.Model;
using ClusterTransfer.Transfers.Chunks;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Tests.Chunks;

/// <summary>Completes a move only when the test says so, on the test's thread.</summary>
internal sealed class ManualChunkMover : IChunkMover
{
    private readonly TaskCompletionSource<ChunkMove> _move = new();

    public int Moves { get; private set; }

    public PlannedChunk Chunk { get; private set; }

    public CancellationToken Token { get; private set; }

    public Task<ChunkMove> MoveAsync(PlannedChunk chunk, ConnectionHandle connection, CancellationToken cancellationToken)
    {
        Moves++;
        Chunk = chunk;
        Token = cancellationToken;
        return _move.Task;
    }

    public void Complete(ChunkMove move) => _move.SetResult(move);

    public void Fail(Exception error) => _move.SetException(error);

    public void Cancel() => _move.SetCanceled(Token);
}
