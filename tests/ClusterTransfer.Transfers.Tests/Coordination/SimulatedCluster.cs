using ClusterTransfer.Actors;
using ClusterTransfer.Actors.Persistence;
using ClusterTransfer.Bus;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Control;
using ClusterTransfer.Transfers.Coordination;
using ClusterTransfer.Transfers.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>A hub with real coordinators and two scripted nodes in one virtual time, all by one seed. The hub can be killed and started again.</summary>
internal sealed class SimulatedCluster : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    private readonly int _seed;
    private readonly VirtualTime _time = new();
    private readonly InMemoryJournal _stored = new();
    private readonly CuttingJournal _journal;
    private readonly FakeCatalogue _catalogue;
    private ActorTestKit? _kit;
    private IActorRef _hub = ActorRefs.Nobody;
    private int _hubs;

    public SimulatedCluster(int seed)
    {
        _seed = seed;
        _journal = new CuttingJournal(_stored);
        _catalogue = new FakeCatalogue(_stored);
        _catalogue.Known.Add(Samples.Id);
        Bus = new SimulatedBus(seed, _time);
        Source = new ScriptedNode(Samples.A, "src", Bus);
        Destination = new ScriptedNode(Samples.B, "dst", Bus);
        Bus.Add(Source);
        Bus.Add(Destination);
        _journal.OnCut = () =>
        {
            Bus.Hub = null;
            _catalogue.IsCut = true;
        };
    }

    public SimulatedBus Bus { get; }

    public ScriptedNode Source { get; }

    public ScriptedNode Destination { get; }

    public CuttingJournal Journal => _journal;

    public IReadOnlyList<object> Events => _stored.EventsOf($"transfer-{Samples.Id}");

    public TransferEvents.Ended? Ended => Events.OfType<TransferEvents.Ended>().FirstOrDefault();

    public bool IsCatalogued => _catalogue.Row(Samples.Id) is { ExitCode: not null };

    public TimeSpan Elapsed => _time.Elapsed;

    public void StartHub()
    {
        _catalogue.IsCut = false;
        _kit = new ActorTestKit(new ActorTestOptions { Seed = (_seed * 100) + ++_hubs, Journal = _journal, Time = _time });
        SimulatedBus bus = Bus;
        IActorRef control = _kit.Sys.ActorOf(Props.Create(() => new Relay(bus)), "control");
        var services = new CoordinationServices
        {
            Catalogue = _catalogue,
            Live = new LiveTransfers(),
            Control = control,
            Options = new CoordinationOptions(),
            Time = _time,
            Log = NullLogger.Instance,
        };
        IActorRef hub = _hub = _kit.Sys.ActorOf(Props.Create(() => new CoordinatorsActor(services)), "transfers");
        Bus.Hub = (from, message) => hub.Tell(new CoordinationProtocol.FromNode(from, message));
        MembersChanged();
    }

    public async Task KillHubAsync()
    {
        Bus.Hub = null;
        _catalogue.IsCut = true;
        if (_kit is not null)
        {
            await _kit.DisposeAsync();
        }

        _kit = null;
        _hub = ActorRefs.Nobody;
    }

    public void MembersChanged() => _hub.Tell(new CoordinationProtocol.MembersChanged([Source.Member, Destination.Member]));

    public void Submit() => _hub.Tell(new CoordinationProtocol.Submit(Samples.Id, Samples.Request, "tree"));

    public void Cancel() => _hub.Tell(new CoordinationProtocol.Cancel(Samples.Id));

    public void Pause() => _hub.Tell(new CoordinationProtocol.Pause(Samples.Id));

    public void Resume() => _hub.Tell(new CoordinationProtocol.Resume(Samples.Id));

    public void PauseQueue() => _hub.Tell(CoordinationProtocol.PauseQueue.Instance);

    public void ResumeQueue() => _hub.Tell(CoordinationProtocol.ResumeQueue.Instance);

    /// <summary>The transfer as it is listed.</summary>
    public TransferState? Listed => _catalogue.Row(Samples.Id)?.State;

    public void RestartNode(ScriptedNode node)
    {
        node.Restart();
        MembersChanged();
    }

    /// <summary>Lets half a second pass everywhere.</summary>
    public void Step()
    {
        Source.Tick(Destination);
        Destination.Tick(Source);
        _time.Advance(Tick);
    }

    /// <summary>Lets time pass until the transfer has ended and everyone knows it.</summary>
    public async Task RunToTheEndAsync(TimeSpan limit, Func<Task>? eachStep = null)
    {
        TimeSpan deadline = Elapsed + limit;
        while (Ended is null || !IsCatalogued || Source.HasSession || Destination.HasSession)
        {
            Assert.True(Elapsed < deadline, $"Stuck (seed {_seed}): {Describe()}");
            Step();
            if (eachStep is not null)
            {
                await eachStep();
            }
        }
    }

    /// <summary>What must hold however it went.</summary>
    public void AssertSound()
    {
        Assert.True(Events.OfType<TransferEvents.Ended>().Count() == 1, $"One end, not more (seed {_seed}): {Describe()}");
        Assert.IsType<TransferEvents.Ended>(Events[^1]);
        Epoch[] epochs = [.. Events.OfType<TransferEvents.SessionGiven>().Select(given => given.Epoch)];
        Assert.Equal(epochs.Distinct().Order(), epochs);
        string expected = Ended!.State switch
        {
            TransferState.Completed => "completed",
            TransferState.Cancelled => Destination.Verdict ?? "cancelled",
            TransferState state => $"not {state}",
        };
        Assert.True(expected == (Destination.Verdict ?? "cancelled"), $"Told {Ended.State}, but the destination is {Destination.Verdict} (seed {_seed}): {Describe()}");
    }

    public string Describe() =>
        $"{string.Join(", ", Events.Select(happened => happened.GetType().Name))}; destination {Destination.Durable} {Destination.Verdict} {Destination.HasSession}, "
        + $"source {Source.HasSession}, hub {State()}, ended {Ended?.State} {Ended?.Problem}";

    public async ValueTask DisposeAsync() => await KillHubAsync();

    private string State() => _kit is null ? "down" : string.Join('/', _kit.Sys.Inspect().Children.SelectMany(child => child.Children)
        .Where(child => child.Path.EndsWith("/transfers", StringComparison.Ordinal)).SelectMany(child => child.Children).Select(child => child.State));

    private sealed class Relay : ReceiveActor
    {
        public Relay(SimulatedBus bus) => Receive<ControlLinkProtocol.Send>(send => bus.ToNode(((BusTarget.Node)send.To).Id, send.Message));
    }
}
