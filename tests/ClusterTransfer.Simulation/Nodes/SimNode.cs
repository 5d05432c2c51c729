using ClusterTransfer.Actors;
using ClusterTransfer.Actors.Persistence;
using ClusterTransfer.Bus;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Simulation.Network;
using ClusterTransfer.Simulation.World;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Transfers.Compression;
using ClusterTransfer.Transfers.Coordination;
using ClusterTransfer.Transfers.Engine;
using ClusterTransfer.Transfers.Sessions;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Simulation.Nodes;

/// <summary>One machine: a disk that stays, and the process that runs on it now, with the real engine of a node.</summary>
internal sealed class SimNode
{
    private readonly SimCluster _cluster;
    private readonly LocationOptions[] _locations;
    private readonly string _state;
    private Running? _running;
    private int _runs;

    public SimNode(SimCluster cluster, NodeId name, bool isHub, string state, params LocationOptions[] locations)
    {
        _cluster = cluster;
        _state = state;
        _locations = locations;
        Name = name;
        IsHub = isHub;
    }

    public NodeId Name { get; }

    public bool IsHub { get; }

    /// <summary>The process that runs now; null between two.</summary>
    public SimProcess? Process => _running?.Process;

    public bool IsUp => _running is not null;

    public string OutgoingFolder => Path.Combine(_state, "outgoing");

    /// <summary>How far its wall clock is off.</summary>
    public TimeSpan WallOffset { get; private set; }

    public int Runs => _runs;

    public void Start()
    {
        if (_running is not null)
        {
            return;
        }

        SimWorld world = _cluster.World;
        var process = new SimProcess(world, Name, ++_runs, 0) ;
        process.OnDeath = () => OnDeath(process);
        process.Clock.WallOffset = WallOffset;
        world.Story.Tell(Name.Value, $"starts, run {_runs}");
        process.Run(() => _running = new Running(this, process));
        if (process.IsDead)
        {
            // In the middle of its start.
            OnDeath(process);
        }
    }

    /// <summary>kill -9.</summary>
    public void Kill(string why)
    {
        if (_running is { } running)
        {
            _cluster.World.Story.Tell(Name.Value, $"is killed: {why}");
            running.Process.Kill();
        }
    }

    /// <summary>SIGTERM: sessions close in good order, then the process ends.</summary>
    public void Terminate()
    {
        if (_running is { } running)
        {
            _cluster.World.Story.Tell(Name.Value, "gets SIGTERM");
            running.Process.Run(running.ShutDown);
        }
    }

    public void JumpWallClock(TimeSpan by)
    {
        WallOffset += by;
        if (_running is { } running)
        {
            running.Process.Clock.WallOffset = WallOffset;
        }

        _cluster.World.Story.Tell(Name.Value, $"wall clock jumps by {by}");
    }

    /// <summary>Tells the coordinators of this hub something; what they answer goes to the reply.</summary>
    public void Command(object command, Action<object> reply) => _running?.Process.Run(() => _running.Command(command, reply));

    /// <summary>The sessions of this node, by name and state.</summary>
    public IReadOnlyList<string> Sessions => _running?.Sessions ?? [];

    /// <summary>Reports that this process cannot go on; null while it can.</summary>
    public Problem? Failure => _running?.Engine.Failed is { IsCompletedSuccessfully: true } failed ? failed.GetAwaiter().GetResult() : null;

    private void OnDeath(SimProcess process)
    {
        if (_running?.Process == process)
        {
            _running = null;
        }

        _cluster.Bus.Gone(process);
        _cluster.Network.Gone(process);
    }

    private sealed class Running : IBusPeer
    {
        private readonly SimNode _node;
        private readonly ActorSystem _system;
        private readonly LocationSet _set;
        private readonly Func<Member> _member;

        public Running(SimNode node, SimProcess process)
        {
            SimCluster cluster = node._cluster;
            _node = node;
            Process = process;
            _set = LocationSet.Open(node._locations);
            _member = MemberOf();
            Directory.CreateDirectory(node.OutgoingFolder);
            SimWorld world = cluster.World;
            var log = new StoryLog(world.Story, process, cluster.IsVerbose);
            _system = ActorSystem.Create("sim", new ActorSystemSetup
            {
                Dispatcher = process.Dispatcher,
                TimeProvider = process.Clock,
                Journal = node.IsHub ? cluster.Hub.JournalOf(process, moment => cluster.JournalFault?.Invoke(process, moment) == true) : null,
                Throughput = 1 + (cluster.World.Seed % 5),
                Random = world.Random.NextDouble,
                Log = entry => log.Tell(entry),
            });
            Engine = new TransferEngine(_system, new TransferEngineSetup
            {
                Incarnation = process.Incarnation,
                Bus = cluster.Bus.Join(process, _member, this),
                Locations = _set,
                OutgoingFolder = node.OutgoingFolder,
                Dialer = cluster.Network.DialerOf(process),
                SendBufferBytes = 256L * 1024 * 1024,
                ChunkWorkers = 2,
                Workers = (name, threads, _) => new SimWorkers(process, threads, () => cluster.WorkTime(node, name)),
                Compression = new CompressionServices { IdleProcessors = () => 2 },   // those of this machine would be another run each time
                Sessions = cluster.Sessions,
                Coordination = cluster.Coordination,
                Catalogue = node.IsHub ? cluster.Hub : null,
                Time = process.Clock,
                Logs = log,
            });
            cluster.Network.Listen(process, Engine.OnConnection);
        }

        public SimProcess Process { get; }

        public TransferEngine Engine { get; }

        public bool IsHub => _node.IsHub;

        public IReadOnlyList<string> Sessions =>
        [
            .. from guardian in Engine.Inspect().Children
               from root in guardian.Children
               where root.Path.EndsWith("/sessions", StringComparison.Ordinal)
               from session in root.Children
               select $"{session.Path[(session.Path.LastIndexOf('/') + 1)..]} {session.State}",
        ];

        public void OnMessage(NodeId from, BusMessage message) => Engine.OnMessage(from, message);

        public void OnMembersChanged(IReadOnlyList<Member> members) => Engine.OnMembersChanged(members);

        public void OnHubConnected() => Engine.OnHubConnected();

        public void Command(object command, Action<object> reply) =>
            Ask("/user/transfers", command, reply);

        // As the engine's end does, without waiting on a task; the process ends when the sessions have, or after the time it gives them.
        public void ShutDown()
        {
            SimWorld world = Process.World;
            TimeSpan asked = world.Time.Elapsed;
            Ask("/user/sessions", SessionProtocol.ShutDown.Instance, _ =>
            {
                world.Story.Tell(_node.Name.Value, $"parked its sessions in {(world.Time.Elapsed - asked).TotalSeconds:0.00} s");
                Process.Kill();
            });
            world.Later(TimeSpan.FromSeconds(7), () =>
            {
                if (!Process.IsDead)
                {
                    world.Story.Tell(_node.Name.Value, "ends without having parked its sessions");
                    Process.Kill();
                }
            });
        }

        private void Ask(string whom, object command, Action<object> reply)
        {
            ActorSelection selection = _system.ActorSelection(whom);
            _system.ActorOf(Props.Create(() => new Asker(selection, command, reply)));
        }

        private Func<Member> MemberOf()
        {
            var member = new Member(_node.Name, Process.Incarnation)
            {
                IsHub = _node.IsHub,
                DataAddresses = [$"{_node.Name}.example:7402"],
                Locations = [.. _set.All.Select(location => new MemberLocation(location.Options.Name, location.Options.ReadOnly) { Problem = location.Problem })],
            };
            return () => member;
        }
    }

    /// <summary>Asks one question in the name of somebody who is no actor.</summary>
    private sealed class Asker : ReceiveActor
    {
        private readonly ActorSelection _whom;
        private readonly object _question;

        public Asker(ActorSelection whom, object question, Action<object> reply)
        {
            _whom = whom;
            _question = question;
            ReceiveAny(answer =>
            {
                reply(answer);
                Context.Stop(Self);
            });
        }

        protected override void PreStart() => _whom.Tell(_question, Self);
    }
}
