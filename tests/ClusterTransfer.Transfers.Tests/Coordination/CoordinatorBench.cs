using ClusterTransfer.Actors;
using ClusterTransfer.Actors.Persistence;
using ClusterTransfer.Bus;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Control;
using ClusterTransfer.Transfers.Coordination;
using ClusterTransfer.Transfers.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using TransferEvents = ClusterTransfer.Transfers.Coordination.TransferEvents;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>A hub's coordinators on the simulated dispatcher, with the test in the place of the bus and of the nodes behind it.</summary>
internal sealed class CoordinatorBench : IAsyncDisposable
{
    private readonly TestProbe _control;

    public CoordinatorBench(int seed, CoordinationOptions? options = null, InMemoryJournal? stored = null, FakeCatalogue? catalogue = null, bool start = true)
    {
        Stored = stored ?? new InMemoryJournal();
        Journal = new CuttingJournal(Stored);
        Catalogue = catalogue ?? new FakeCatalogue(Stored);
        Options = options ?? new CoordinationOptions();
        Kit = new ActorTestKit(new ActorTestOptions { Seed = seed, Journal = Journal });
        _control = Kit.CreateTestProbe("control");
        Services = new CoordinationServices
        {
            Catalogue = Catalogue,
            Live = Live,
            Control = _control.Ref,
            Options = Options,
            Time = Kit.Time,
            Log = NullLogger.Instance,
        };
        if (start)
        {
            Start();
        }
    }

    public InMemoryJournal Stored { get; }

    public CuttingJournal Journal { get; }

    public FakeCatalogue Catalogue { get; }

    public CoordinationOptions Options { get; }

    public CoordinationServices Services { get; }

    public LiveTransfers Live { get; } = new();

    public ActorTestKit Kit { get; }

    public VirtualTime Time => Kit.Time;

    public IActorRef Hub { get; private set; } = ActorRefs.Nobody;

    /// <summary>What is journaled of the transfer.</summary>
    public IReadOnlyList<object> Events => Stored.EventsOf($"transfer-{Samples.Id}");

    /// <summary>The end that counts; null while it runs, also when it was taken up again.</summary>
    public TransferEvents.Ended? Ended => Events.LastOrDefault(happened => happened is TransferEvents.Ended or TransferEvents.RetryRequested) as TransferEvents.Ended;

    public TransferEvents.SessionGiven Session => Events.OfType<TransferEvents.SessionGiven>().Last();

    /// <summary>Name of the coordinator's state; null when it does not run.</summary>
    public string? State
    {
        get
        {
            Kit.Settle();
            return Find(Kit.Sys.Inspect(), Samples.Id.Value)?.State;
        }
    }

    public void Start()
    {
        CoordinationServices services = Services;
        Hub = Kit.Sys.ActorOf(Props.Create(() => new CoordinatorsActor(services)), "transfers");
        Kit.Settle();
    }

    public object Submit(TransferRequest? request = null, TransferId? id = null)
    {
        TransferId transfer = id ?? Samples.Id;
        Catalogue.Known.Add(transfer);
        Kit.TestProbe.Send(Hub, new CoordinationProtocol.Submit(transfer, request ?? Samples.Request, "tree"));
        return Kit.TestProbe.ReceiveOne();
    }

    public object Cancel(TransferId? id = null) => Wish(new CoordinationProtocol.Cancel(id ?? Samples.Id));

    public object Pause() => Wish(new CoordinationProtocol.Pause(Samples.Id));

    public object Resume() => Wish(new CoordinationProtocol.Resume(Samples.Id));

    public object Limit(long? bytesPerSecond) => Wish(new CoordinationProtocol.Limit(Samples.Id, bytesPerSecond));

    public object Retry(RetryTransfer? what = null) => Wish(new CoordinationProtocol.Retry(Samples.Id, what));

    public object PauseQueue() => Wish(CoordinationProtocol.PauseQueue.Instance);

    public object ResumeQueue() => Wish(CoordinationProtocol.ResumeQueue.Instance);

    /// <summary>Whether what nodes keep of the transfer may go; null when the hub does not know yet.</summary>
    public bool? MayForget(TransferId id)
    {
        Kit.TestProbe.Send(Hub, new CoordinationProtocol.MayForget([id]));
        CoordinationProtocol.MayForgetAnswered answered = Kit.TestProbe.ExpectMsg<CoordinationProtocol.MayForgetAnswered>();
        return answered.IsListed ? answered.Transfers.Contains(id) : null;
    }

    private object Wish(object wish)
    {
        Kit.TestProbe.Send(Hub, wish);
        return Kit.TestProbe.ReceiveOne();
    }

    public void Members(IReadOnlyList<Member> members)
    {
        Hub.Tell(new CoordinationProtocol.MembersChanged(members));
        Kit.Settle();
    }

    public void FromNode(NodeId node, SessionMessage message)
    {
        Hub.Tell(new CoordinationProtocol.FromNode(node, message));
        Kit.Settle();
    }

    /// <summary>The next message the coordinators send, of any kind, and to which node.</summary>
    public (NodeId To, SessionMessage Message) NextSent()
    {
        var send = _control.ExpectMsg<ControlLinkProtocol.Send>();
        return (Assert.IsType<BusTarget.Node>(send.To).Id, Assert.IsAssignableFrom<SessionMessage>(send.Message));
    }

    /// <summary>Skips to the next message of that kind; fails when there is none.</summary>
    public (NodeId To, T Message) NextSent<T>(Predicate<T>? isWanted = null)
        where T : SessionMessage
    {
        while (true)
        {
            (NodeId to, SessionMessage message) = NextSent();
            if (message is T wanted && isWanted?.Invoke(wanted) != false)
            {
                return (to, wanted);
            }
        }
    }

    /// <summary>All that was sent and not looked at yet.</summary>
    public IReadOnlyList<SessionMessage> Sent()
    {
        Kit.Settle();
        List<SessionMessage> sent = [];
        while (_control.HasMessages)
        {
            sent.Add(NextSent().Message);
        }

        return sent;
    }

    public void AssertNothingSent() => _control.ExpectNoMsg();

    // ---- short ways to a state

    public CoordinatorBench Negotiating()
    {
        Members(Samples.Members());
        Submit();
        NextSent<OpenSession>();
        return this;
    }

    public CoordinatorBench Active()
    {
        Negotiating();
        Opened(SessionRole.Destination);
        NextSent<OpenSession>(open => open.Role == SessionRole.Source);
        Opened(SessionRole.Source);
        Assert.Equal("Active", State);
        return this;
    }

    /// <param name="scanIsKnown">Whether the source's last passing report said that its scan was over, as it does in life.</param>
    public CoordinatorBench Finishing(bool scanIsKnown = true)
    {
        Active();
        if (scanIsKnown)
        {
            FromNode(NodeOf(SessionRole.Source), new SessionProgressed(Samples.Id, Session.Epoch, SessionRole.Source, SourceDone));
        }

        End(SessionRole.Destination, SessionEnd.Completed, Done);
        Assert.Equal("Finishing", State);
        return this;
    }

    public static TransferProgress Done => new()
    {
        EntriesFound = 3, FilesFound = 2, BytesFound = 1000, ScanComplete = true, BytesReceived = 1000, BytesDurable = 1000, BytesPublished = 1000, FilesPublished = 2,
    };

    public static TransferProgress SourceDone => new() { EntriesFound = 3, FilesFound = 2, BytesFound = 1000, ScanComplete = true, BytesSent = 1000 };

    public void Opened(SessionRole role) => FromNode(
        NodeOf(role), new SessionOpened(Samples.Id, Session.Epoch, role, role == SessionRole.Source ? Session.SourceIncarnation : Session.DestinationIncarnation));

    public void Refused(SessionRole role, Reason reason, Epoch? epoch = null, Epoch highest = default) => FromNode(
        NodeOf(role), new SessionRefused(Samples.Id, epoch ?? Session.Epoch, role, new Problem(reason, $"refused: {reason}")) { HighestEpoch = highest });

    public void Progressed(SessionRole role, long durable = 0, Epoch? epoch = null) => FromNode(
        NodeOf(role), new SessionProgressed(Samples.Id, epoch ?? Session.Epoch, role, new TransferProgress { BytesDurable = durable }));

    public void End(SessionRole role, SessionEnd end, TransferProgress? progress = null, Epoch? epoch = null, Reason reason = Reason.SessionLost, NodeId? from = null, params FileIssue[] issues) => FromNode(
        from ?? NodeOf(role),
        new SessionEnded(Samples.Id, epoch ?? Session.Epoch, role, end)
        {
            Issues = issues,
            Progress = progress ?? new TransferProgress(),
            Problem = end == SessionEnd.Completed ? null : new Problem(reason, $"{role} {end}"),
        });

    public static NodeId NodeOf(SessionRole role) => role == SessionRole.Source ? Samples.A : Samples.B;

    public ValueTask DisposeAsync() => Kit.DisposeAsync();

    private static ActorSnapshot? Find(ActorSnapshot at, string name) =>
        at.Path.EndsWith($"/{name}", StringComparison.Ordinal) ? at : at.Children.Select(child => Find(child, name)).FirstOrDefault(found => found is not null);
}
