using System.Diagnostics.Metrics;
using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Tests.Peers;

public sealed class FrameRouterTests : ActorTest
{
    private static readonly SessionId Session = new(7);
    private static readonly Epoch Epoch = new(1, 2);

    private readonly BufferPool _buffers = new(1024 * 1024);
    private readonly RecordingPort _port = new();
    private readonly FrameRouter _router;
    private readonly SessionBinding _binding;

    public FrameRouterTests()
    {
        _router = new FrameRouter(TestActor);
        _binding = new SessionBinding(
            Samples.Id, Epoch, Session, Model.Control.SessionRole.Destination, Samples.A, [], [], 1, ActorRefs.Nobody, _port);
    }

    [Fact]
    public async Task Frame_OfARoutedSession_GoesToItsPort()
    {
        Route();

        await Receive(Header(FrameType.Ack), [1, 2]);

        Assert.Equal(Header(FrameType.Ack), Assert.Single(_port.Frames));
        Assert.Equal(0, _router.StrayFrames);
    }

    [Fact]
    public void Frame_ThatWasSkipped_IsJudged()
    {
        _router.OnRefused("type 201, 3 bytes");

        Assert.Equal("a frame of type 201, 3 bytes", ExpectMsg<ConnectionProtocol.Judged>().Damage);
    }

    [Theory]
    [InlineData(1u)]
    [InlineData(3u)]
    public async Task Frame_OfAnotherEpoch_IsStray(uint session)
    {
        Route();

        await Receive(Header(FrameType.Chunk) with { Epoch = new Epoch(1, session) }, [1]);

        Assert.Empty(_port.Frames);
        AssertStrays(1);
    }

    [Fact]
    public async Task Chunk_OfASessionThatIsOver_IsCountedAsLate()
    {
        Route();
        var late = new List<long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == TransferMeters.Name && instrument.Name == "clustertransfer.chunks.late")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        int thread = Environment.CurrentManagedThreadId;
        listener.SetMeasurementEventCallback<long>((_, count, _, _) =>
        {
            // The meter is the process's; other tests run beside this one.
            if (Environment.CurrentManagedThreadId == thread)
            {
                late.Add(count);
            }
        });
        listener.Start();
        _router.Remove(Session);

        Task dropped = Receive(Header(FrameType.Chunk), [1]);

        Assert.Equal([1L], late);
        await dropped;
    }

    [Theory]
    [InlineData(2u, 10)]
    [InlineData(3u, 0)]
    public void Bytes_OfAFrameThatIsNotWhole_ReachItsSessionOnly(uint epoch, int expected)
    {
        Route();

        _router.OnBytes(Header(FrameType.Chunk) with { Epoch = new Epoch(1, epoch) }, 10);

        Assert.Equal(expected, _port.Bytes);
    }

    [Fact]
    public async Task Frame_OfAnUnknownSession_IsStray()
    {
        Route();

        await Receive(Header(FrameType.Chunk) with { Session = new SessionId(8) }, [1]);

        Assert.Empty(_port.Frames);
        AssertStrays(1);
    }

    [Fact]
    public async Task Frame_AfterTheSessionWasRemoved_IsStray()
    {
        Route();
        _router.Remove(Session);

        await Receive(Header(FrameType.Chunk), [1]);

        Assert.Empty(_port.Frames);
        AssertStrays(1);
    }

    // The other end answers our proof and sends its first frames in one go: nothing may overtake the judgement.
    [Fact]
    public async Task Proof_Any_GoesToTheOwnerAndHoldsThePumpUntilItIsJudged()
    {
        var proof = new SessionProofBody(Samples.Id, SessionRole.Source, new byte[32]);

        Task routing = Receive(Header(FrameType.SessionProof), proof.ToArray());
        ConnectionProtocol.ProofReceived received = ExpectMsg<ConnectionProtocol.ProofReceived>();

        Assert.False(routing.IsCompleted);
        Assert.Equal(Samples.Id, received.Proof.Transfer);
        received.Handled.SetResult();
        await routing.WithinDeadline();
        Assert.Equal(0, _router.StrayFrames);
    }

    [Fact]
    public async Task Proof_NeverJudged_LetsThePumpEnd()
    {
        using var stopping = new CancellationTokenSource();
        Task routing = Receive(Header(FrameType.SessionProof), new SessionProofBody(Samples.Id, SessionRole.Source, new byte[32]).ToArray(), stopping);

        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => routing.WithinDeadline());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Proof_ThatIsNone_IsStray(int length)
    {
        await Receive(Header(FrameType.SessionProof), new byte[length]);

        ExpectNoMsg();
        AssertStrays(1);
    }

    [Fact]
    public async Task Nack_OfASessionNotRouted_IsARefusedProof()
    {
        await Receive(Header(FrameType.Nack), new NackBody(NackReason.SessionUnknown, "no such session here", default, default).ToArray());

        Assert.Equal(
            new ConnectionProtocol.ProofRefused(Session, Epoch, NackReason.SessionUnknown, "no such session here"), ExpectMsg<ConnectionProtocol.ProofRefused>());
    }

    [Fact]
    public async Task Nack_OfARoutedSession_GoesToItsPort()
    {
        Route();

        await Receive(Header(FrameType.Nack), new NackBody(NackReason.Corrupt, "bits", default, default).ToArray());

        Assert.Single(_port.Frames);
        ExpectNoMsg();
    }

    private static FrameHeader Header(FrameType type) => new(type, FrameFlags.None, Session, Epoch, default, default, 0, 0);

    private void Route() => _router.Add(_binding, new ConnectionHandle(1, null!, ActorRefs.Nobody));

    private async Task Receive(FrameHeader header, byte[] bytes, CancellationTokenSource? stopping = null)
    {
        BufferLease body = await _buffers.RentAsync(Math.Max(1, bytes.Length), CancellationToken.None);
        bytes.CopyTo(body.Memory.Span);
        body.Length = bytes.Length;
        await _router.OnFrameAsync(header, body, stopping?.Token ?? CancellationToken.None);
        Assert.Equal(0, _buffers.Outstanding);
    }

    private void AssertStrays(long count)
    {
        Assert.Equal(count, _router.StrayFrames);
        ExpectNoMsg();
    }
}
