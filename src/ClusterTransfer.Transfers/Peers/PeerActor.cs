using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Policies;
using ClusterTransfer.Transport.Connections;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Transfers.Peers;

/// <summary>All connections to one peer: dials while sessions want more, shares each among the sessions, replaces the dead.</summary>
internal sealed class PeerActor : ReceiveActor, IWithTimers
{
    // A connection cannot be resumed: any failure stops it, its sessions take their chunks back, and another is dialled.
    private static readonly SupervisorStrategy Connections = new OneForOneStrategy(_ => Directive.Stop);

    private readonly NodeId _peer;
    private readonly IDataDialer _dialer;
    private readonly SessionDirectory _directory;
    private readonly PeerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Backoff _redial;

    // Fired by this actor when it stops. Its parent has it too: connections on their way to this actor are closed by it.
    private readonly CancellationTokenSource _stopping;
    private readonly Dictionary<IActorRef, IDataConnection> _connections = [];
    private readonly Dictionary<(SessionId, SessionRole), AttachedSession> _sessions = [];
    private int _dialling;
    private int _nextAddress;

    public PeerActor(NodeId peer, IDataDialer dialer, SessionDirectory directory, PeerOptions options, TimeProvider time, ILogger log, CancellationTokenSource stopping)
    {
        _peer = peer;
        _dialer = dialer;
        _directory = directory;
        _options = options;
        _time = time;
        _log = log;
        _stopping = stopping;
        _redial = new Backoff(options.RedialMin, options.RedialMax, Context.System.NextRandom);
        Become(Serving);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override SupervisorStrategy SupervisorStrategy() => Connections;

    protected override void PostStop() => _stopping.Cancel();

    private void Serving()
    {
        Receive<PeerProtocol.Attach>(attach =>
        {
            Timers.Cancel(PeerProtocol.CloseIdle.Instance);
            _sessions[(attach.Binding.SessionId, attach.Binding.Role)] = new AttachedSession(attach.Binding);
            Share();
            DialWhatIsMissing();
        });
        Receive<PeerProtocol.Want>(want =>
        {
            if (_sessions.TryGetValue((want.SessionId, want.Role), out AttachedSession? session))
            {
                session.Binding = session.Binding with { Connections = want.Connections };
                Share();
                DialWhatIsMissing();
            }
        });
        Receive<PeerProtocol.Detach>(detach =>
        {
            // All of them: the peer may have proven the session on one whose joining the session did not live to hear of.
            _sessions.Remove((detach.SessionId, detach.Role));
            foreach (IActorRef connection in _connections.Keys)
            {
                connection.Tell(new ConnectionProtocol.UnbindSession(detach.SessionId, detach.Role));
            }

            if (_sessions.Count == 0)
            {
                Timers.StartSingleTimer(PeerProtocol.CloseIdle.Instance, PeerProtocol.CloseIdle.Instance, _options.IdleClose);
            }
        });
        Receive<PeerProtocol.Arrived>(arrived => Adopt(arrived.Connection.Take()));
        Receive<PeerProtocol.Dialled>(dialled =>
        {
            _dialling--;
            Adopt(dialled.Connection.Take());
        });
        Receive<PeerProtocol.DialFailed>(OnDialFailed);

        // Only now it is a success: a peer that has enough connections lets itself be dialled and closes.
        Receive<PeerProtocol.Proven>(_ => _redial.Reset());
        Receive<PeerProtocol.DialAgain>(_ => DialWhatIsMissing());
        Receive<PeerProtocol.CloseIdle>(_ => CloseDialledConnections());
        Receive<Terminated>(terminated =>
        {
            _connections.Remove(terminated.ActorRef);
            foreach (AttachedSession session in _sessions.Values)
            {
                session.On.Remove(terminated.ActorRef);
            }

            // A session that lost it may have room for one that others use or that stayed warm; only what is short after that is dialled.
            Share();

            // A connection that just died tells something about the path: the first re-dial waits its jittered moment too.
            DialAgainAfterAPause();
        });
    }

    private void Adopt(IDataConnection connection)
    {
        if (CountOf(servesSources: ServesSources(connection)) >= _options.MaxConnections)
        {
            _log.ConnectionOverLimit(_peer.Value, _options.MaxConnections);
            connection.DisposeAsync().AsTask().PipeTo(Self, success: () => PeerProtocol.DialAgain.Instance);
            return;
        }

        IActorRef actor = Context.Watch(Context.ActorOf(
            Props.Create(() => new ConnectionActor(connection, _directory, _time, _log)), $"connection-{connection.Number}"));
        _connections[actor] = connection;
        Share();
    }

    // Afterwards a session that is short of connections is on all there are: dialling up to the largest wish serves every session.
    private void Share()
    {
        foreach (AttachedSession session in _sessions.Values)
        {
            foreach ((IActorRef actor, IDataConnection connection) in _connections)
            {
                Bind(session, actor, connection);
            }
        }
    }

    private static void Bind(AttachedSession session, IActorRef actor, IDataConnection connection)
    {
        // The source proves its sessions.
        if (ServesSources(connection) && session.Binding.Role == SessionRole.Source && session.On.Count < session.Binding.Connections && session.On.Add(actor))
        {
            actor.Tell(new ConnectionProtocol.BindSession(session.Binding));
        }
    }

    // To copy within one node both ends of each connection are here. The dialled end is the source's; the other one is no second connection.
    private static bool ServesSources(IDataConnection connection) => connection.Dialled || connection.Peer != connection.LocalHello.Node;

    private int CountOf(bool servesSources) => _connections.Values.Count(connection => ServesSources(connection) == servesSources);

    private void DialWhatIsMissing()
    {
        AttachedSession[] sources = [.. _sessions.Values.Where(session =>
            session.Binding.Role == SessionRole.Source && session.Binding.PeerAddresses.Count > 0)];
        if (sources.Length == 0 || Timers.IsTimerActive(PeerProtocol.DialAgain.Instance))
        {
            return;
        }

        int wanted = Math.Min(_options.MaxConnections, sources.Max(session => session.Binding.Connections));
        CancellationToken stopping = _stopping.Token;

        // In turn all that any session was told: one of them may have been given its addresses by an earlier run of the peer.
        string[] addresses = [.. sources.SelectMany(session => session.Binding.PeerAddresses).Distinct()];
        while (CountOf(servesSources: true) + _dialling < wanted)
        {
            _dialling++;
            string address = addresses[_nextAddress++ % addresses.Length];
            _dialer.DialAsync(address, _peer, stopping).PipeTo(
                Self,
                success: connection => new PeerProtocol.Dialled(new ConnectionInTransit(connection, stopping)),
                failure: error => new PeerProtocol.DialFailed(
                    (error as ClusterTransferException)?.Problem ?? new Problem(Reason.NodeUnreachable, $"{_peer} at {address}: {error.Message}")));
        }
    }

    private void OnDialFailed(PeerProtocol.DialFailed failed)
    {
        _dialling--;
        _log.DialFailed(_peer.Value, failed.Problem.Reason.Info().Code, failed.Problem.Detail);
        foreach (AttachedSession session in _sessions.Values)
        {
            session.Binding.Session.Tell(new ConnectionFacts.DialFailed(failed.Problem));
        }

        DialAgainAfterAPause();
    }

    private void DialAgainAfterAPause()
    {
        if (!Timers.IsTimerActive(PeerProtocol.DialAgain.Instance))
        {
            Timers.StartSingleTimer(PeerProtocol.DialAgain.Instance, PeerProtocol.DialAgain.Instance, _redial.Next());
        }
    }

    // Only the end that dialled closes idle connections: the other may be about to use them.
    private void CloseDialledConnections()
    {
        foreach ((IActorRef actor, IDataConnection connection) in _connections)
        {
            if (connection.Dialled)
            {
                actor.Tell(new ConnectionProtocol.GiveUp(new Problem(Reason.None, "No session used the connection.")));
            }
        }
    }

    private sealed class AttachedSession(SessionBinding binding)
    {
        public SessionBinding Binding { get; set; } = binding;

        public HashSet<IActorRef> On { get; } = [];
    }
}
