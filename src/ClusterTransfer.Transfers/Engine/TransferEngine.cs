using ClusterTransfer.Actors;
using ClusterTransfer.Bus;
using ClusterTransfer.Journal;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Transfers.Control;
using ClusterTransfer.Transfers.Coordination;
using ClusterTransfer.Transfers.Limits;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Work;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Pacing;
using ClusterTransfer.Wire.Compression;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Transfers.Engine;

/// <summary>The transfers of one node: builds the actors and is the door to them for everything that is no actor.</summary>
public sealed class TransferEngine : IAsyncDisposable
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(10);

    private readonly ActorSystem _system;
    private readonly IActorRef _peers;
    private readonly IActorRef _sessions;
    private readonly IActorRef? _coordinators;
    private readonly IMessageBus _bus;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly LocationSet _locations;
    private readonly string _outgoingFolder;
    private readonly IWorkers _chunkWorkers;
    private readonly IWorkers _stepWorkers;
    private readonly LifeWatch _life;
    private readonly SendLimits _limits;
    private readonly NodeLimits _nodeLimits;

    /// <summary>Builds the actors in the given system; nothing moves before the bus delivers.</summary>
    public TransferEngine(ActorSystem system, TransferEngineSetup setup)
    {
        _system = system;
        _bus = setup.Bus;
        _time = setup.Time;
        _locations = setup.Locations;
        _outgoingFolder = setup.OutgoingFolder;
        _chunkWorkers = setup.Workers("chunk", setup.ChunkWorkers, 4 * setup.ChunkWorkers);
        _stepWorkers = setup.Workers("step", 8, 1024);
        ILogger log = _log = setup.Logs.CreateLogger("ClusterTransfer.Transfers");
        var directory = new SessionDirectory();
        _limits = new SendLimits(setup.Time);
        _nodeLimits = new NodeLimits(setup.Bus.Self, setup.Limit, setup.PeerLimits, _limits, log);
        _life = new LifeWatch(setup.Time, setup.Sessions.LongestGap, gap => log.ProcessStoodStill(Math.Round(gap.TotalSeconds, 1)));
        IActorRef control = system.ActorOf(Props.Create(() => new ControlLink(setup.Bus, log)), "control");
        _peers = system.ActorOf(Props.Create(() => new PeersActor(setup.Dialer, directory, setup.Peers, setup.Time, log)), "peers");
        var sessions = new SessionServices
        {
            Incarnation = setup.Incarnation,
            Locations = setup.Locations,
            OutgoingFolder = setup.OutgoingFolder,
            ChunkWorkers = _chunkWorkers,
            StepWorkers = _stepWorkers,
            SendBuffers = new BufferPool(setup.SendBufferBytes),
            Limits = _limits,
            Compression = setup.Compression,
            Directory = directory,
            Control = control,
            Peers = _peers,
            Options = setup.Sessions,
            Life = _life,
            Time = setup.Time,
            Log = log,
        };
        foreach ((PayloadCodec codec, NativeCodec native) in NativeCodec.All.Where(one => !one.Native.IsAvailable))
        {
            log.CodecMissing(native.Library, codec.ToString());
        }

        Failed = sessions.Failed.Task;
        _life.Watch();
        _sessions = system.ActorOf(Props.Create(() => new SessionsActor(sessions)), "sessions");
        if (setup.Catalogue is { } catalogue)
        {
            var coordination = new CoordinationServices
            {
                Catalogue = catalogue,
                Live = Live,
                Queue = Queue,
                NodeLimits = NodeLimitBook,
                Control = control,
                Options = setup.Coordination,
                Time = setup.Time,
                Log = log,
            };
            _coordinators = system.ActorOf(Props.Create(() => new CoordinatorsActor(coordination)), "transfers");
        }
    }

    /// <summary>Completes with the reason when this process must not go on.</summary>
    public Task<Problem> Failed { get; }

    /// <summary>The newest views of the transfers coordinated here.</summary>
    public LiveTransfers Live { get; } = new();

    /// <summary>Whether the queue of the transfers coordinated here is paused.</summary>
    public QueueGate Queue { get; } = new();

    /// <summary>Which limits of nodes are set, where the transfers are coordinated.</summary>
    public NodeLimitBook NodeLimitBook { get; } = new();

    /// <summary>The event types that a hub's journal must know.</summary>
    public static JournalTypes JournalTypes() => Coordination.TransferEvents.Register(new JournalTypes());

    /// <summary>A control message arrived by the bus.</summary>
    /// <param name="from">The node that sent it, proven by its certificate.</param>
    /// <param name="message">A message about a session; others are not for the engine and are ignored.</param>
    public void OnMessage(NodeId from, BusMessage message)
    {
        switch (message)
        {
            case OpenSession or StopSession or LimitSession or SessionConfirmed or OutcomeRecorded or ForgetLeftover:
                if (_bus.Members.Any(member => member.IsHub && member.Node == from))
                {
                    _sessions.Tell(message);
                }
                else
                {
                    // Coordinators live on the hub: from anyone else this is a forgery.
                    _log.CommandFromStranger(from.Value, message.GetType().Name);
                }

                break;
            case SessionMessage session:
                _coordinators?.Tell(new CoordinationProtocol.FromNode(from, session));
                break;
            default:
                break;
        }
    }

    /// <summary>Membership changed.</summary>
    public void OnMembersChanged(IReadOnlyList<Member> members) => _coordinators?.Tell(new CoordinationProtocol.MembersChanged(members));

    /// <summary>The hub can be reached, for the first time or again.</summary>
    public void OnHubConnected() => _sessions.Tell(SessionProtocol.AskAboutLeftovers.Instance);

    /// <summary>A peer dialled this node.</summary>
    public void OnConnection(IDataConnection connection) => _peers.Tell(new PeerProtocol.Accepted(connection));

    /// <summary>Journals a transfer and starts it. The same id again returns the transfer as it is.</summary>
    /// <exception cref="ClusterTransferException">This node coordinates nothing, or the journal does not answer.</exception>
    public Task<TransferResource> SubmitAsync(TransferId id, TransferRequest request, string resultName, CancellationToken cancellationToken) =>
        AskAsync(new CoordinationProtocol.Submit(id, request, resultName), cancellationToken);

    /// <summary>Requests the end of a transfer.</summary>
    /// <exception cref="ClusterTransferException">It has ended already, or the journal does not answer.</exception>
    public Task<TransferResource> CancelAsync(TransferId id, CancellationToken cancellationToken) =>
        AskAsync(new CoordinationProtocol.Cancel(id), cancellationToken);

    /// <summary>Requests that a transfer holds at the next safe point.</summary>
    /// <exception cref="ClusterTransferException">It has ended or is being cancelled, or the journal does not answer.</exception>
    public Task<TransferResource> PauseAsync(TransferId id, CancellationToken cancellationToken) =>
        AskAsync(new CoordinationProtocol.Pause(id), cancellationToken);

    /// <summary>Requests that a paused transfer goes on.</summary>
    /// <exception cref="ClusterTransferException">It has ended or is being cancelled, or the journal does not answer.</exception>
    public Task<TransferResource> ResumeAsync(TransferId id, CancellationToken cancellationToken) =>
        AskAsync(new CoordinationProtocol.Resume(id), cancellationToken);

    /// <summary>Limits how fast a transfer sends, from now on and in all later sessions. The same limit again changes nothing.</summary>
    /// <exception cref="ClusterTransferException">It has ended, or the journal does not answer.</exception>
    /// <param name="id">The transfer.</param>
    /// <param name="bytesPerSecond">A valid <see cref="RateLimit"/>; null for no limit.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<TransferResource> LimitAsync(TransferId id, long? bytesPerSecond, CancellationToken cancellationToken) =>
        AskAsync(new CoordinationProtocol.Limit(id, bytesPerSecond), cancellationToken);

    /// <summary>Takes up again a transfer that failed or was partly delivered: what was published stays, the rest is tried once more.</summary>
    /// <exception cref="ClusterTransferException">It runs, completed or was cancelled, what was kept of it is gone, or the journal does not answer.</exception>
    /// <param name="id">The transfer.</param>
    /// <param name="what">Only some of its files; with neither field all that was not delivered.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<TransferResource> RetryAsync(TransferId id, RetryTransfer what, CancellationToken cancellationToken) =>
        AskAsync(new CoordinationProtocol.Retry(id, what), cancellationToken);

    /// <summary>Requests that all transfers hold, those that are submitted later as well. Returns once that is journaled.</summary>
    /// <exception cref="ClusterTransferException">This node coordinates nothing, or the journal does not answer.</exception>
    public Task PauseQueueAsync(CancellationToken cancellationToken) => AskForAsync(CoordinationProtocol.PauseQueue.Instance, cancellationToken);

    /// <summary>Lets all transfers go on, but for those that are paused themselves. Returns once that is journaled.</summary>
    /// <exception cref="ClusterTransferException">This node coordinates nothing, or the journal does not answer.</exception>
    public Task ResumeQueueAsync(CancellationToken cancellationToken) => AskForAsync(CoordinationProtocol.ResumeQueue.Instance, cancellationToken);

    /// <summary>Limits how fast a node sends, in all or to another, in place of what it is configured with. Returns once that is journaled; whoever reads <see cref="NodeLimitBook"/> tells the node.</summary>
    /// <exception cref="ClusterTransferException">This node coordinates nothing, or the journal does not answer.</exception>
    public Task LimitNodeAsync(NodeId node, LimitNode limit, CancellationToken cancellationToken) =>
        AskForAsync(new CoordinationProtocol.LimitNode(node, limit.Peer, limit.Limit, limit.Configured is true), cancellationToken);

    /// <summary>The hub says which limits of this node are set. Returns what holds; it takes effect at once, also on what waits.</summary>
    /// <exception cref="ClusterTransferException">They make no sense.</exception>
    public NodeLimitsResource LimitHere(SetNodeLimits set) => _nodeLimits.Take(set);

    /// <summary>A page of what this node keeps of transfers, by place and name.</summary>
    /// <param name="cursor">Where the page before ended; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ClusterTransferException">A disk refused, or the cursor is none of this node.</exception>
    public Task<KeptPage> KeptHereAsync(string? cursor, int limit, CancellationToken cancellationToken) =>
        _stepWorkers.RunAsync(() => KeptPlaces.List(_bus.Self, _locations, _outgoingFolder, cursor, limit), cancellationToken);

    /// <summary>Removes what this node keeps of transfers, one after the other, unless a session has one open, and says of each what became of it. Stops after a bounded time,
    /// with one done at least.</summary>
    /// <param name="items">What to remove, in the order of <see cref="KeptHereAsync"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<ForgottenKept> ForgetHereAsync(IReadOnlyList<KeptKey> items, CancellationToken cancellationToken) =>
        KeptRemoval.RunAsync(items, item => ForgetAsync(item, cancellationToken), _time);

    /// <summary>Which of these transfers nobody runs, so that what nodes keep of them may go.</summary>
    /// <exception cref="ClusterTransferException">This is not the hub, it is too busy, or it has just started and does not know its transfers yet.</exception>
    public async Task<IReadOnlySet<TransferId>> MayForgetAsync(IReadOnlyList<TransferId> transfers, CancellationToken cancellationToken) =>
        await AskForAsync(new CoordinationProtocol.MayForget(transfers), cancellationToken).ConfigureAwait(false) is CoordinationProtocol.MayForgetAnswered { IsListed: true } answered
            ? answered.Transfers
            : throw new ClusterTransferException(Reason.HubUnreachable, "The hub has just started and does not know its transfers yet.");

    /// <summary>The actors of this node as they are now.</summary>
    public ActorSnapshot Inspect() => _system.Inspect();

    /// <summary>Closes the sessions in good order within a bounded time, then ends the actors, then the threads.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _sessions.Ask<SessionProtocol.Closed>(SessionProtocol.ShutDown.Instance, CloseTimeout, CancellationToken.None).ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            // A disk that does not answer must not hold the process up: the next start recovers as after a crash.
            _log.SessionsNotClosed(CloseTimeout.TotalSeconds);
        }

        await _system.Terminate().ConfigureAwait(false);
        _life.Dispose();
        _limits.Dispose();
        _chunkWorkers.Dispose();
        _stepWorkers.Dispose();
    }

    private async Task<ForgottenItem> ForgetAsync(KeptKey item, CancellationToken cancellationToken)
    {
        try
        {
            return await _sessions.Ask<ForgottenItem>(new SessionProtocol.Forget(item.Transfer, item.Place), AskTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            return new ForgottenItem(0, new Problem(Reason.TimedOut, "Its removal goes on; ask again."));
        }
    }

    private async Task<TransferResource> AskAsync(object command, CancellationToken cancellationToken) =>
        await AskForAsync(command, cancellationToken).ConfigureAwait(false) is CoordinationProtocol.Accepted accepted
            ? accepted.Transfer
            : throw new InvalidOperationException("A coordinator answered without its transfer.");

    private async Task<object> AskForAsync(object command, CancellationToken cancellationToken)
    {
        if (_coordinators is null)
        {
            throw new ClusterTransferException(Reason.HubUnreachable, "This node coordinates no transfers; the hub does.");
        }

        try
        {
            return await _coordinators.Ask<object>(command, AskTimeout, cancellationToken).ConfigureAwait(false) switch
            {
                CoordinationProtocol.Refused refused => throw new ClusterTransferException(refused.Problem),
                object answer => answer,
            };
        }
        catch (AskTimeoutException error)
        {
            throw new ClusterTransferException(Reason.HubUnreachable, "The transfer journal did not answer in time.", error);
        }
    }
}
