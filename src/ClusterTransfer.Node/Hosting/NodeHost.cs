using System.Net;
using System.Reflection;
using ClusterTransfer.Actors;
using ClusterTransfer.Bus;
using ClusterTransfer.Journal;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Node.Api;
using ClusterTransfer.Node.Configuration;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Transfers.Engine;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Identity;
using ClusterTransfer.Transport.Records;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Node.Hosting;

/// <summary>A running node: everything is built here, in the order it depends on each other, and ended in the reverse.</summary>
public sealed class NodeHost : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _parts = new();
    private readonly List<Task<Problem>> _failures = [];
    private readonly ILogger _log;
    private readonly string _name;
    private ApiHost? _api;

    private NodeHost(string name, ILogger log)
    {
        _name = name;
        _log = log;
    }

    /// <summary>Base address of the API.</summary>
    public Uri ApiAddress => _api!.Address;

    /// <summary>Where data connections are accepted.</summary>
    public IPEndPoint DataEndPoint { get; private set; } = new(IPAddress.None, 0);

    /// <summary>Where other nodes reach this hub; null on other nodes.</summary>
    public IPEndPoint? HubEndPoint { get; private set; }

    /// <summary>Builds and starts a node.</summary>
    /// <exception cref="ClusterTransferException">Something of the configuration does not hold in reality: names it and the remedy.</exception>
    public static async Task<NodeHost> StartAsync(NodeOptions options, ILoggerFactory logs, TimeProvider time, CancellationToken cancellationToken)
    {
        var host = new NodeHost(options.Name.Value, logs.CreateLogger("ClusterTransfer.Node"));
        try
        {
            await host.BuildAsync(options, logs, time, cancellationToken).ConfigureAwait(false);
            return host;
        }
        catch
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits until the token fires.</summary>
    /// <exception cref="ClusterTransferException">A journal can no longer be trusted: the process must end; a restart recovers.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = stop.Register(() => stopped.TrySetResult());
        await Task.WhenAny([stopped.Task, .. _failures]).ConfigureAwait(false);
        _log.NodeStops(_name);
        foreach (Task<Problem> failure in _failures.Where(failure => failure.IsCompletedSuccessfully))
        {
            throw new ClusterTransferException(await failure.ConfigureAwait(false));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        while (_parts.TryPop(out IAsyncDisposable? part))
        {
            await part.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task BuildAsync(NodeOptions options, ILoggerFactory logs, TimeProvider time, CancellationToken cancellationToken)
    {
        var incarnation = Incarnation.New();
        string version = typeof(NodeHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

        // Identity and folders first: what cannot work ends here, before anything listens.
        NodeIdentity identity = Own(NodeIdentity.Load(options.Tls.Authority, options.Tls.Certificate, options.Tls.Key, options.Name, time));
        var verifier = new PeerVerifier(identity, time);
        string state = StateFolder.Open(options.StateFolder);
        LocationSet locations = Own(LocationSet.Open(
            [.. options.Locations.Select(location => new LocationOptions(location.Name, location.Folder, location.ReadOnly) { Writes = location.Writes })],
            (name, why) => _log.LocationBuffered(name.Value, why)));
        LogLocations(locations);

        SqliteJournal? journal = null;
        if (options.Hub.Enabled)
        {
            journal = await SqliteJournal.OpenAsync(
                Path.Combine(state, "transfers.db"), TransferEngine.JournalTypes(), time, cancellationToken).ConfigureAwait(false);
            _parts.Push(journal);
            _failures.Add(journal.Failed);
        }

        TransferEngine? engine = null;
        Transport.Connections.DataPlaneOptions limits = OptionMapping.DataPlane(options, Environment.GetEnvironmentVariable);
        if (limits.RecordLayer == RecordLayer.Plain)
        {
            _log.PlainDataAllowed(UnsafePlainData.Variable);
        }

        var plane = new DataPlane(identity, incarnation, limits, new BufferPool(options.DataPlane.BufferPoolBytes / 2), time);
        var listener = new DataListener(
            options.Data.Listen,
            plane,
            connection => Hand(connection, Volatile.Read(ref engine)),
            refused => _log.DataConnectionRefused(refused.Remote?.ToString() ?? "-", refused.Problem.Detail),
            OnAcceptTrouble);
        _parts.Push(listener);
        await listener.StartAsync(cancellationToken).ConfigureAwait(false);
        DataEndPoint = listener.LocalEndPoint;

        var self = new Member(options.Name, incarnation)
        {
            IsHub = options.Hub.Enabled,
            Abilities = MemberAbilities.All,
            Version = version,
            DataAddresses = DataAddresses(options.Data, DataEndPoint),
            Locations = [.. locations.All.Select(location => new MemberLocation(location.Options.Name, location.Options.ReadOnly) { Problem = location.Problem })],
        };
        IMessageBus bus = await BuildBusAsync(options, self, identity, verifier, time, logs, cancellationToken).ConfigureAwait(false);
        engine = new TransferEngine(BuildActors(options, journal, time), new TransferEngineSetup
        {
            Incarnation = incarnation,
            Bus = bus,
            Locations = locations,
            OutgoingFolder = StateFolder.Open(Path.Combine(state, "outgoing")),
            Dialer = new DataDialer(plane),
            SendBufferBytes = options.DataPlane.BufferPoolBytes / 2,
            ChunkWorkers = options.DataPlane.Workers,
            Limit = options.DataPlane.Limit,
            PeerLimits = options.DataPlane.PeerLimits,
            Sessions = OptionMapping.Sessions(options),
            Peers = OptionMapping.Peers(options),
            Coordination = OptionMapping.Coordination(options),
            Catalogue = journal,
            Time = time,
            Logs = logs,
        });
        _parts.Push(engine);
        _failures.Add(engine.Failed);

        ITransferService transfers;
        NodeReceiver receiver;
        var calls = new BusCalls(bus, time);
        NodeRequestHandler questions = Own(new NodeRequestHandler(engine, bus, _log));
        if (journal is not null)
        {
            NodeLimitDelivery delivery = Own(new NodeLimitDelivery(engine, bus, calls, incarnation, time, _log));
            transfers = new HubTransferService(engine, journal, bus, new KeptCollector(engine, journal, bus, calls, time, options.Transfers.KeepFailed), delivery, time);
            receiver = new NodeReceiver(engine, Own(new HubRequestHandler(transfers, bus, _log)), questions, calls, delivery, _log);
        }
        else
        {
            transfers = new RemoteTransferService(calls);
            receiver = new NodeReceiver(engine, null, questions, calls, null, _log);
        }

        bus.Start(receiver);
        _api = await ApiHost.StartAsync(
            options.Api.Listen, options.ApiTokenFile, transfers, new ClusterView(bus, locations, engine, version), time, cancellationToken).ConfigureAwait(false);
        _parts.Push(_api);
        _log.NodeUp(_name, version, _api.Address.ToString(), DataEndPoint.ToString(), options.Hub.Enabled ? $"hub on {HubEndPoint}" : $"hub at {options.Hub.Address}");
    }

    private async Task<IMessageBus> BuildBusAsync(
        NodeOptions options, Member self, NodeIdentity identity, PeerVerifier verifier, TimeProvider time, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        void Report(BusEvent happened) =>
            _log.BusEvent(happened.Kind.ToString(), happened.Peer?.Value ?? "-", happened.Problem?.Detail ?? "no problem");

        if (!options.Hub.Enabled)
        {
            HubDialer dialer = Own(new HubDialer(
                new Uri($"wss://{options.Hub.Address}{BusServer.Path}"), HubTls.Options(identity, verifier), TimeSpan.FromSeconds(5)));
            var link = new HubLink(self, dialer.DialAsync, OptionMapping.Bus(options), time, Report);
            _parts.Push(link);
            return link;
        }

        var hub = new EmbeddedHub(self, OptionMapping.Bus(options), time, Report);
        BusServer server = await BusServer.StartAsync(options.Hub.Listen, hub, identity, verifier, logs, cancellationToken).ConfigureAwait(false);

        // The hub ends its links before the server stops, which waits for them.
        _parts.Push(server);
        _parts.Push(hub);
        HubEndPoint = server.EndPoint;
        return hub;
    }

    private ActorSystem BuildActors(NodeOptions options, SqliteJournal? journal, TimeProvider time) => ActorSystem.Create(options.Name.Value, new ActorSystemSetup
    {
        TimeProvider = time,
        Journal = journal,
        SnapshotStore = journal,
        Log = happened =>
        {
            if (happened.Level >= LogEventLevel.Warning)
            {
                _log.ActorWarning(happened.ActorPath, happened.Message, happened.Exception);
            }
            else
            {
                _log.ActorDetail(happened.ActorPath, happened.Message);
            }
        },
    });

    // Nobody knows our address before the bus announces it; who connects before the actors are there is a stranger.
    private static ValueTask Hand(DataConnection connection, TransferEngine? engine)
    {
        if (engine is null)
        {
            return connection.DisposeAsync();
        }

        engine.OnConnection(connection);
        return ValueTask.CompletedTask;
    }

    private void OnAcceptTrouble(AcceptTrouble trouble)
    {
        if (trouble.RetryIn is { } retryIn)
        {
            _log.DataConnectionsNotGiven(trouble.Error, trouble.Failures, retryIn.TotalSeconds);
        }
        else
        {
            _log.DataConnectionsGivenAgain(trouble.Failures);
        }
    }

    private static IReadOnlyList<string> DataAddresses(DataOptions options, IPEndPoint listening)
    {
        if (options.Advertise.Count > 0)
        {
            return options.Advertise;
        }

        bool anywhere = listening.Address.Equals(IPAddress.Any) || listening.Address.Equals(IPAddress.IPv6Any);
        return [anywhere ? $"{Dns.GetHostName()}:{listening.Port}" : listening.ToString()];
    }

    private void LogLocations(LocationSet locations)
    {
        foreach ((LocationOptions location, Problem? problem) in locations.All)
        {
            if (problem is not null)
            {
                _log.LocationUnusable(location.Name.Value, problem.Detail);
            }
            else
            {
                _log.LocationServed(location.Name.Value, location.Folder, location.ReadOnly ? "read-only" : locations.Get(location.Name).Writes == WriteMode.Direct ? "read-write, direct" : "read-write, buffered");
            }
        }
    }

    private T Own<T>(T part)
        where T : IDisposable
    {
        _parts.Push(new OwnedPart(part));
        return part;
    }

    private sealed class OwnedPart(IDisposable part) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            part.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
