using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Engine;
using ClusterTransfer.Transfers.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using SessionRole = ClusterTransfer.Model.Control.SessionRole;

namespace ClusterTransfer.Transfers.Tests.Engine;

/// <summary>Who may command a node: coordinators live on the hub, so the hub alone. Node a is asked, b is a member like it, c is the hub.</summary>
public sealed class TransferEngineTests : IAsyncDisposable
{
    private readonly ActorTestKit _kit = new();
    private readonly TestFolder _folder = new();
    private readonly ManualBus _bus = new(
        Samples.Member(Samples.A, Samples.Run(1), "src"), Samples.Member(Samples.B, Samples.Run(1), "dst"), new Member(Samples.C, Samples.Run(1)) { IsHub = true });

    private readonly IReadOnlyList<LoopbackNode> _nodes;
    private readonly LocationSet _locations;
    private readonly TransferEngine _engine;

    public TransferEngineTests()
    {
        _nodes = LoopbackNode.Cluster(_folder, Samples.A);
        _locations = LocationSet.Open([new LocationOptions(new LocationName("src"), _folder.Create("src"), ReadOnly: true)]);
        _engine = new TransferEngine(_kit.Sys, new TransferEngineSetup
        {
            Incarnation = _bus.Incarnation,
            Bus = _bus,
            Locations = _locations,
            OutgoingFolder = _folder.Create("outgoing"),
            Dialer = _nodes[0].Dialer,
            ChunkWorkers = 1,
            Time = _kit.Time,
            Logs = NullLoggerFactory.Instance,
        });
    }

    // Each is answered at once: for another run of this process, and for a session that is not here.
    public static TheoryData<SessionMessage> Commands =>
    [
        new OpenSession(Samples.Id, new Epoch(1, 1))
        {
            CommandId = CommandId.New(),
            SessionId = new SessionId(7),
            Role = SessionRole.Source,
            Target = Samples.Run(9),
            Peer = Samples.B,
            PeerDataAddresses = [],
            Secret = new byte[32],
            Request = Samples.Request,
        },
        new StopSession(Samples.Id, new Epoch(1, 1), CommandId.New(), StopIntent.Suspend) { Role = SessionRole.Source },
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task OnMessage_ACommandOfANodeThatIsNotTheHub_IsNotObeyed(SessionMessage command)
    {
        foreach (NodeId stranger in new[] { Samples.B, new NodeId("gone") })
        {
            _engine.OnMessage(stranger, command);
            await _kit.SettleAsync(waitForTasks: true);
            Assert.Empty(_bus.Sent());
        }

        _engine.OnMessage(Samples.C, command);
        await _kit.SettleAsync(waitForTasks: true);
        Assert.IsType<SessionRefused>(Assert.Single(_bus.Sent()));
    }

    [Fact]
    public async Task OnMessage_TheWordOfATransfersEnd_IsBelievedOfTheHubOnly()
    {
        string kept = _folder.Create("outgoing", Samples.Id.Value);
        var ended = new OutcomeRecorded(Samples.Id, new Epoch(1, 1), SessionRole.Source) { TransferEnded = true };

        _engine.OnMessage(Samples.B, ended);
        await _kit.SettleAsync(waitForTasks: true);
        Assert.True(Directory.Exists(kept));

        _engine.OnMessage(Samples.C, ended);
        await _kit.SettleAsync(waitForTasks: true);
        Assert.False(Directory.Exists(kept));
    }

    public async ValueTask DisposeAsync()
    {
        await _kit.RunAsync(_engine.DisposeAsync().AsTask());
        await _kit.DisposeAsync();
        await _nodes[0].DisposeAsync();
        _locations.Dispose();
        _folder.Dispose();
    }
}
