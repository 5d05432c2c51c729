using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Bus.Tests;

/// <summary>Buses of several nodes with what connects them, to be interrupted.</summary>
public abstract class BusCluster : IAsyncDisposable
{
    /// <summary>The bus of the node <c>hub</c>, where coordinators run; started with the receiver.</summary>
    public abstract Task<IMessageBus> StartHubAsync(IBusReceiver receiver);

    /// <summary>A node's bus, started with the receiver.</summary>
    public abstract Task<IMessageBus> JoinAsync(string name, IBusReceiver receiver);

    /// <summary>Takes away what connects the nodes.</summary>
    public abstract Task StopHubAsync();

    public abstract ValueTask DisposeAsync();
}

/// <summary>What every message bus must do, whatever carries the messages.</summary>
public abstract class BusContract : IAsyncLifetime
{
    private BusCluster _cluster = null!;
    private readonly RecordingReceiver _atHub = new();
    private readonly RecordingReceiver _atA = new();
    private readonly RecordingReceiver _atB = new();
    private IMessageBus _hub = null!;
    private IMessageBus _a = null!;
    private IMessageBus _b = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract BusCluster CreateCluster();

    public async ValueTask InitializeAsync()
    {
        _cluster = CreateCluster();
        _hub = await _cluster.StartHubAsync(_atHub);
        _a = await _cluster.JoinAsync("a", _atA);
        _b = await _cluster.JoinAsync("b", _atB);
        foreach (RecordingReceiver receiver in new[] { _atHub, _atA, _atB })
        {
            await receiver.WhenMembersAsync("hub", "a", "b");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Send_ToANode_ArrivesWithItsProvenSender()
    {
        await _a.SendAsync(Samples.Node("b"), Samples.Note(1), Cancellation);

        Assert.Equal(new BusDelivery(new NodeId("a"), Samples.Note(1)), await _atB.NextAsync());
    }

    [Fact]
    public async Task Send_ToHubOrCoordinator_ArrivesThere()
    {
        await _a.SendAsync(new BusTarget.Hub(), Samples.Note(1), Cancellation);
        await _a.SendAsync(new BusTarget.Coordinator(Samples.Transfer), Samples.Note(2), Cancellation);
        await _a.SendAsync(Samples.Node("hub"), Samples.Note(3), Cancellation);

        for (int i = 1; i <= 3; i++)
        {
            Assert.Equal(new BusDelivery(new NodeId("a"), Samples.Note(i)), await _atHub.NextAsync());
        }
    }

    [Fact]
    public async Task Send_FromTheHub_Arrives()
    {
        await _hub.SendAsync(Samples.Node("b"), Samples.Note(1), Cancellation);

        Assert.Equal(new BusDelivery(new NodeId("hub"), Samples.Note(1)), await _atB.NextAsync());
    }

    [Fact]
    public async Task Send_ToOneself_Arrives()
    {
        await _hub.SendAsync(new BusTarget.Coordinator(Samples.Transfer), Samples.Note(1), Cancellation);
        await _a.SendAsync(Samples.Node("a"), Samples.Note(2), Cancellation);

        Assert.Equal(new BusDelivery(new NodeId("hub"), Samples.Note(1)), await _atHub.NextAsync());
        Assert.Equal(new BusDelivery(new NodeId("a"), Samples.Note(2)), await _atA.NextAsync());
    }

    [Fact]
    public async Task Send_ByTwoSenders_KeepsTheOrderOfEach()
    {
        const int Count = 1000;
        Task[] sends = [.. Enumerable.Range(0, Count).SelectMany(i => new[]
        {
            _a.SendAsync(new BusTarget.Hub(), Samples.Note(i), Cancellation),
            _b.SendAsync(new BusTarget.Hub(), Samples.Note(i), Cancellation),
        })];
        await Task.WhenAll(sends).WithinDeadline();

        Dictionary<string, List<int>> seen = new() { ["a"] = [], ["b"] = [] };
        for (int i = 0; i < 2 * Count; i++)
        {
            BusDelivery delivery = await _atHub.NextAsync();
            seen[delivery.From.Value].Add(Samples.NumberOf(delivery));
        }

        Assert.Equal(Enumerable.Range(0, Count), seen["a"]);
        Assert.Equal(Enumerable.Range(0, Count), seen["b"]);
        Assert.False(_atHub.Overlapped);
    }

    [Fact]
    public async Task Send_OfABurst_DeliversAllThatWasAccepted()
    {
        const int Count = 10_000;
        Task[] sends = [.. Enumerable.Range(0, Count).Select(i => _a.SendAsync(Samples.Node("b"), Samples.Note(i), Cancellation))];
        List<int> accepted = [];
        for (int i = 0; i < Count; i++)
        {
            try
            {
                await sends[i].WithinDeadline();
                accepted.Add(i);
            }
            catch (ClusterTransferException error) when (error.Reason == Reason.LimitReached)
            {
                // Bounded means that a bus may refuse; what it took has to arrive.
            }
        }

        Assert.NotEmpty(accepted);
        foreach (int expected in accepted)
        {
            Assert.Equal(expected, Samples.NumberOf(await _atB.NextAsync()));
        }
    }

    [Fact]
    public async Task Send_ToAnUnknownNode_IsRefused()
    {
        Assert.Equal(Reason.NodeUnreachable, await RefusedAsync(_a.SendAsync(Samples.Node("nobody"), Samples.Note(1), Cancellation)));
        Assert.Equal(Reason.NodeUnreachable, await RefusedAsync(_hub.SendAsync(Samples.Node("nobody"), Samples.Note(1), Cancellation)));
    }

    [Fact]
    public async Task Send_OfTooMuch_IsRefusedAndTheNextArrives()
    {
        foreach (IMessageBus bus in new[] { _a, _hub })
        {
            Assert.Equal(Reason.LimitReached, await RefusedAsync(bus.SendAsync(Samples.Node("b"), Samples.Note(1, new string('x', 70_000)), Cancellation)));
            Assert.Equal(Reason.LimitReached, await RefusedAsync(bus.SendAsync(Samples.Node("b"), Reply(1_100_000), Cancellation)));
            await bus.SendAsync(Samples.Node("b"), Samples.Note(2), Cancellation);
            Assert.Equal(2, Samples.NumberOf(await _atB.NextAsync()));
        }
    }

    [Fact]
    public async Task Send_OfALargeReply_Arrives()
    {
        await _hub.SendAsync(Samples.Node("b"), Reply(1_000_000), Cancellation);

        Assert.Equal(1_000_000, Assert.IsType<HubReply>((await _atB.NextAsync()).Message).Body!.Length);
    }

    [Fact]
    public async Task Members_AreWhatTheNodesAnnounced()
    {
        IReadOnlyList<Member> members = await _atB.WhenMembersAsync("hub", "a", "b");

        Assert.Equal(_a.Incarnation, members.Single(member => member.Node == _a.Self).Incarnation);
        Assert.Equal(["a:7402"], members.Single(member => member.Node == _a.Self).DataAddresses);
        Assert.Equal(["hub"], members.Where(member => member.IsHub).Select(member => member.Node.Value));
        Assert.Equal(members.Select(member => member.Node), _b.Members.Select(member => member.Node));
    }

    [Fact]
    public async Task Members_WhenOneLeaves_AreToldAndItIsRemembered()
    {
        await _b.DisposeAsync();

        await _atHub.WhenMembersAsync("hub", "a");
        await _atA.WhenMembersAsync("hub", "a");
        Assert.Equal(Reason.NodeUnreachable, await RefusedAsync(_a.SendAsync(Samples.Node("b"), Samples.Note(1), Cancellation)));
        foreach (IMessageBus bus in new[] { _hub, _a })
        {
            Assert.False(bus.KnownMembers.Single(known => known.Member.Node.Value == "b").Connected);
            Assert.True(bus.KnownMembers.Single(known => known.Member.Node.Value == "a").Connected);
        }
    }

    [Fact]
    public async Task Hub_StoppedAndStartedAgain_IsFoundByItself()   // B1
    {
        await _cluster.StopHubAsync();
        Assert.NotNull(await _atA.WhenConnectedAsync(false));
        await _atA.WhenMembersAsync("a");
        Assert.False(_a.IsConnected);
        Assert.Equal(Reason.HubUnreachable, await RefusedAsync(_a.SendAsync(new BusTarget.Hub(), Samples.Note(1), Cancellation)));
        Assert.Equal(Reason.HubUnreachable, await RefusedAsync(_a.SendAsync(Samples.Node("b"), Samples.Note(1), Cancellation)));

        RecordingReceiver atNewHub = new();
        await _cluster.StartHubAsync(atNewHub);
        await _atA.WhenConnectedAsync(true);
        await _atA.WhenMembersAsync("hub", "a", "b");
        await _a.SendAsync(new BusTarget.Hub(), Samples.Note(2), Cancellation);
        await _a.SendAsync(Samples.Node("b"), Samples.Note(3), Cancellation);

        Assert.Equal(2, Samples.NumberOf(await atNewHub.NextAsync()));
        Assert.Equal(3, Samples.NumberOf(await _atB.NextAsync()));
    }

    [Fact]
    public async Task Receiver_AfterDispose_IsNotCalledAgain()
    {
        TaskCompletionSource inside = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int calls = 0;
        _atB.OnDelivery = async _ =>
        {
            calls++;
            inside.TrySetResult();
            await go.Task;
        };
        for (int i = 0; i < 10; i++)
        {
            await _a.SendAsync(Samples.Node("b"), Samples.Note(i), Cancellation);
        }

        await inside.Task.WithinDeadline();
        Task disposing = _b.DisposeAsync().AsTask();
        go.SetResult();
        await disposing.WithinDeadline();
        int callsAtDispose = calls;
        await _atA.WhenMembersAsync("hub", "a");

        Assert.Equal(callsAtDispose, calls);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _b.SendAsync(new BusTarget.Hub(), Samples.Note(1), Cancellation));
    }

    [Fact]
    public async Task Receiver_ThatThrows_GetsTheNextMessage()
    {
        _atB.OnDelivery = delivery => Samples.NumberOf(delivery) == 1 ? throw new InvalidOperationException("a planted bug") : Task.CompletedTask;
        await _a.SendAsync(Samples.Node("b"), Samples.Note(1), Cancellation);
        await _a.SendAsync(Samples.Node("b"), Samples.Note(2), Cancellation);

        Assert.Equal(2, Samples.NumberOf(await _atB.NextAsync()));
    }

    private static HubReply Reply(int length) => new(CommandId.New(), new string('x', length), null);

    private static async Task<Reason> RefusedAsync(Task send) => (await Assert.ThrowsAsync<ClusterTransferException>(() => send)).Reason;
}
