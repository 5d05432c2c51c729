using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Tests.Peers;

public sealed class FrameRouterTests : ActorTest
{
    private readonly BufferPool _pool = new(8 * 1024 * 1024);

    [Fact]
    public async Task OnFrame_Proof_HoldsTheNextFrameUntilItHadItsEffect()
    {
        // Arrange: the peer says what it holds right behind its proof; without a route that would be a stray frame, and the session would wait for it forever.
        var router = new FrameRouter(TestActor);
        byte[] body = new SessionProofBody(TransferId.New(), SessionRole.Destination, new byte[SessionProof.Length]).ToArray();
        BufferLease lease = await _pool.RentAsync(body.Length, CancellationToken.None);
        body.CopyTo(lease.Memory);
        lease.Length = body.Length;
        var header = new FrameHeader(FrameType.SessionProof, FrameFlags.Reply, new SessionId(7), new Epoch(1, 1), default, default, 0, body.Length);

        // Act
        ValueTask taken = router.OnFrameAsync(header, lease, CancellationToken.None);

        // Assert
        ConnectionProtocol.ProofReceived received = ExpectMsg<ConnectionProtocol.ProofReceived>();
        Assert.False(taken.IsCompleted);
        received.Handled.SetResult();
        await taken.AsTask().WithinDeadline();
        Assert.Equal(0, _pool.Outstanding);
    }
}
