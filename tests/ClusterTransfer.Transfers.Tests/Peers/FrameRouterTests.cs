using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Tests.Peers;

public sealed class FrameRouterTests : ActorTest
{
    private static readonly SessionId Session = new(7);
    private readonly BufferPool _pool = new(1 << 20);

    // The other end answers our proof and sends its first frames in one go: nothing may overtake the judgement.
    [Fact]
    public async Task Proof_HoldsThePump_UntilItIsJudged()
    {
        TestProbe owner = CreateTestProbe();
        var router = new FrameRouter(owner.Ref);
        FrameHeader header = new(FrameType.SessionProof, FrameFlags.Reply, Session, new Epoch(1, 1), default, default, 0, 0);
        byte[] body = new SessionProofBody(TransferId.New(), SessionRole.Destination, new byte[32]).ToArray();

        ValueTask routing = router.OnFrameAsync(header, await LeaseOfAsync(body), CancellationToken.None);
        await SettleAsync();

        Assert.False(routing.IsCompleted);
        owner.ExpectMsg<ConnectionProtocol.ProofReceived>().Judged.SetResult();
        await routing.AsTask().WithinDeadline();
        Assert.Equal(0, router.StrayFrames);
    }

    [Fact]
    public async Task Proof_NeverJudged_LetsThePumpEnd()
    {
        var router = new FrameRouter(CreateTestProbe().Ref);
        FrameHeader header = new(FrameType.SessionProof, FrameFlags.None, Session, new Epoch(1, 1), default, default, 0, 0);
        byte[] body = new SessionProofBody(TransferId.New(), SessionRole.Source, new byte[32]).ToArray();
        using var stopping = new CancellationTokenSource();

        ValueTask routing = router.OnFrameAsync(header, await LeaseOfAsync(body), stopping.Token);
        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => routing.AsTask().WithinDeadline());
    }

    private async Task<BufferLease> LeaseOfAsync(byte[] body)
    {
        BufferLease lease = await _pool.RentAsync(body.Length, CancellationToken.None);
        body.CopyTo(lease.Memory);
        return lease;
    }
}
