using System.Text;
using System.Net.WebSockets;
using System.Text.Json;
using ClusterTransfer.Bus.Frames;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Bus.Tests;

/// <summary>The hub against peers that do not behave.</summary>
public sealed class EmbeddedHubTests : IAsyncLifetime
{
    // Every wait has its own length, so that a test can tell which timer it lets fire.
    private readonly BusOptions _options = new()
    {
        QueueLength = 64,
        QueueBytes = 2 * 1024 * 1024,
        SlowConsumerGrace = TimeSpan.FromMilliseconds(1500),
    };

    private readonly ManualTime _time = new();
    private readonly RecordingReceiver _received = new();
    private readonly List<Task> _served = [];
    private readonly EmbeddedHub _hub;

    public EmbeddedHubTests() => _hub = new EmbeddedHub(Samples.Member("hub"), _options, _time);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _hub.Start(_received);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync().AsTask().WithinDeadline();
        await Task.WhenAll(_served).WithinDeadline();   // nothing may hang, and AcceptAsync never throws
    }

    [Fact]
    public async Task Accept_OfAnAnnouncedMember_WelcomesItWithEverybody()
    {
        using RawPeer a = await JoinAsync("a");
        using RawPeer b = Connect("b");
        await b.AnnounceAsync(Samples.Member("b"));

        Envelope welcome = await b.ReadAsync(Envelope.Welcome);

        Assert.Equal("hub", welcome.Member!.Node.Value);
        Assert.Equal(new HashSet<string> { "hub", "a", "b" }, welcome.Members!.Select(member => member.Node.Value).ToHashSet());
        Assert.Equal(3, (await a.ReadAsync(Envelope.MembersChanged)).Members!.Count);
    }

    [Fact]
    public async Task Accept_OfANameThatIsNotTheCertificates_IsRefused()   // A32
    {
        using RawPeer peer = Connect("a");
        await peer.AnnounceAsync(Samples.Member("b"));

        await AssertRefusedAsync(peer, Reason.IdentityRefused);
        Assert.Single(_hub.Members);
    }

    [Fact]
    public async Task Accept_OfTheHubsOwnName_IsRefused()
    {
        using RawPeer peer = Connect("hub");
        await peer.AnnounceAsync(Samples.Member("hub"));

        await AssertRefusedAsync(peer, Reason.IdentityRefused);
    }

    [Fact]
    public async Task Accept_OfAMemberThatCallsItselfHub_TakesItForANode()
    {
        using RawPeer peer = Connect("a");
        await peer.AnnounceAsync(Samples.Member("a") with { IsHub = true });
        await peer.ReadAsync(Envelope.Welcome);

        Assert.Equal(["hub"], _hub.Members.Where(member => member.IsHub).Select(member => member.Node.Value));
    }

    [Theory]
    [Trait("row", "N15")]
    [InlineData("""{"version":7,"kind":"announce","member":{"node":"a","incarnation":"00000000000000000000000000000001"}}""")]
    [InlineData("""{"version":7,"kind":{"of":"another shape"}}""")]
    public async Task Accept_OfAnotherVersion_NamesBoth(string announcement)   // N15
    {
        using RawPeer peer = Connect("a");
        await peer.SendAsync(announcement);

        Problem problem = await AssertRefusedAsync(peer, Reason.VersionMismatch);
        Assert.Contains("version 7", problem.Detail, StringComparison.Ordinal);
        Assert.Contains("version 1", problem.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("""{"version":1,"kind":"announce"}""")]
    [InlineData("""{"version":1,"kind":"ping"}""")]
    [InlineData("""{"version":1,"kind":"announce","member":{"node":"../etc"}}""")]
    public async Task Accept_OfANonsensicalFirstFrame_IsRefused(string frame)
    {
        using RawPeer peer = Connect("a");
        await peer.SendAsync(frame);

        Envelope answer = await peer.ReadAsync(Envelope.Refuse);
        Assert.Contains(answer.Problem!.Reason, new[] { Reason.ProtocolViolation, Reason.VersionMismatch });
        Assert.Null(await peer.ReadAsync());
    }

    [Fact]
    public async Task Accept_OfASilentPeer_EndsAfterTheHandshakeTimeout()   // A19, N3
    {
        using RawPeer peer = Connect("a");
        await _time.PassAsync(_options.HandshakeTimeout);

        await Task.WhenAll(_served).WithinDeadline();
        Assert.Equal(1, _hub.Statistics.LinksRefused);
    }

    [Fact]
    [Trait("row", "K3")]
    public async Task Accept_OfALiveNodesName_IsRefusedAndTheFirstStays()   // K3
    {
        using RawPeer first = await JoinAsync("a");
        using RawPeer second = Connect("a");
        await second.AnnounceAsync(Samples.Member("a"));
        await first.ReadAsync(Envelope.Ping);
        await first.SendAsync(new Envelope { Version = 1, Kind = Envelope.Pong });

        Problem problem = await AssertRefusedAsync(second, Reason.IdentityRefused);
        Assert.Contains("already connected", problem.Detail, StringComparison.Ordinal);
        await _hub.SendAsync(Samples.Node("a"), Samples.Note(1), Cancellation);
        Assert.NotNull(await first.ReadAsync(Envelope.BusMessage));
    }

    [Fact]
    public async Task Accept_OfADeadNodesName_TakesItsPlaceAfterThePing()   // K3
    {
        using RawPeer first = await JoinAsync("a");
        using RawPeer second = Connect("a");
        Member returned = Samples.Member("a");
        await second.AnnounceAsync(returned);
        await first.ReadAsync(Envelope.Ping);
        Task<Envelope> welcomed = second.ReadAsync(Envelope.Welcome);
        Assert.False(welcomed.IsCompleted);
        _time.Advance(_options.HeartbeatInterval);

        await welcomed.WithinDeadline();
        Assert.Equal(returned.Incarnation, _hub.Members.Single(member => member.Node.Value == "a").Incarnation);
        await _served[0].WithinDeadline();
        Assert.Equal(2, _hub.Members.Count);
    }

    [Fact]
    public async Task Accept_OfTheSameRunAgain_TakesItsPlaceAtOnce()
    {
        Member member = Samples.Member("a");
        using RawPeer first = Connect("a");
        await first.AnnounceAsync(member);
        await first.ReadAsync(Envelope.Welcome);
        using RawPeer second = Connect("a");
        await second.AnnounceAsync(member);

        await second.ReadAsync(Envelope.Welcome);
        await _served[0].WithinDeadline();
        Assert.Equal(2, _hub.Members.Count);
    }

    [Fact]
    [Trait("row", "K3")]
    public async Task Accept_OfALocationThatALiveNodeServes_IsRefusedNamingBoth()
    {
        using RawPeer first = Connect("a");
        await first.AnnounceAsync(Serving("a", "data"));
        await first.ReadAsync(Envelope.Welcome);
        using RawPeer second = Connect("b");
        await second.AnnounceAsync(Serving("b", "other", "data"));
        await first.ReadAsync(Envelope.Ping);
        await first.SendAsync(new Envelope { Version = 1, Kind = Envelope.Pong });

        Problem problem = await AssertRefusedAsync(second, Reason.InvalidRequest);
        Assert.Contains("Node b announces location 'data', which node a serves", problem.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(_hub.Members, member => member.Node.Value == "b");
        await _hub.SendAsync(Samples.Node("a"), Samples.Note(1), Cancellation);
        Assert.NotNull(await first.ReadAsync(Envelope.BusMessage));
    }

    [Fact]
    public async Task Accept_OfALocationOfTheHub_IsRefusedAtOnce()
    {
        await using EmbeddedHub hub = new(Serving("hub", "data"), _options, _time);
        hub.Start(_received);
        using RawPeer peer = Connect("a", hub);
        await peer.AnnounceAsync(Serving("a", "data"));

        Problem problem = await AssertRefusedAsync(peer, Reason.InvalidRequest);
        Assert.Contains("node hub serves", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accept_OfALocationThatADeadNodeServed_TakesItAfterThePing()
    {
        using RawPeer first = Connect("a");
        await first.AnnounceAsync(Serving("a", "data"));
        await first.ReadAsync(Envelope.Welcome);
        using RawPeer second = Connect("b");
        await second.AnnounceAsync(Serving("b", "data"));
        await first.ReadAsync(Envelope.Ping);
        Task<Envelope> welcomed = second.ReadAsync(Envelope.Welcome);
        _time.Advance(_options.HeartbeatInterval);

        await welcomed.WithinDeadline();
        await _served[0].WithinDeadline();
        Assert.Equal(["hub", "b"], _hub.Members.Select(member => member.Node.Value));
    }

    [Fact]
    public async Task Accept_BeyondTheMostMembers_IsRefused()
    {
        await using EmbeddedHub small = new(Samples.Member("hub"), _options with { MaxMembers = 1 }, _time);
        using RawPeer a = Connect("a", small);
        await a.AnnounceAsync(Samples.Member("a"));
        await a.ReadAsync(Envelope.Welcome);
        using RawPeer b = Connect("b", small);
        await b.AnnounceAsync(Samples.Member("b"));

        await AssertRefusedAsync(b, Reason.LimitReached);
    }

    [Fact]
    public async Task Message_WithAForgedSender_ArrivesAsTheCertificates()   // A32
    {
        using RawPeer a = await JoinAsync("a");
        using RawPeer b = await JoinAsync("b");
        await a.SendAsync(Envelope.BusMessage, "node/b", Json(Samples.Note(1)));
        await a.SendAsync(Envelope.BusMessage, "hub", Json(Samples.Note(2)));

        Assert.Equal("a", (await b.ReadAsync(Envelope.BusMessage)).From!.Value.Value);
        Assert.Equal("a", (await _received.NextAsync()).From.Value);
    }

    [Fact]
    [Trait("row", "N15")]
    public async Task Message_OfAnUnknownType_IsCountedAndTheLinkGoesOn()   // B4
    {
        using RawPeer a = await JoinAsync("a");
        await a.SendAsync(Envelope.BusMessage, "hub", """{"type":"from-the-future"}""");
        await a.SendAsync(Envelope.BusMessage, "hub", """{"type":"session-noted","transferId":"no id"}""");
        await a.SendAsync(Envelope.BusMessage, "node/nobody", Json(Samples.Note(1)));
        await a.SendAsync(Envelope.BusMessage, "hub", Json(Samples.Note(2)));

        Assert.Equal(2, Samples.NumberOf(await _received.NextAsync()));
        Assert.Equal(3, _hub.Statistics.Rejected);
    }

    [Fact]
    public async Task Message_WithHalfASurrogateInAFieldNobodyReads_IsRejectedAndTheLinkGoesOn()   // B4
    {
        using RawPeer a = await JoinAsync("a");
        using RawPeer b = await JoinAsync("b");
        string message = Json(Samples.Note(1));
        await a.SendAsync(Envelope.BusMessage, "node/b", message.Insert(message.Length - 1, ",\"later\":\"\\ud800\""));
        await a.SendAsync(Envelope.BusMessage, "hub", Json(Samples.Note(2)));

        Assert.Equal(2, Samples.NumberOf(await _received.NextAsync()));
        Assert.Equal(1, _hub.Statistics.Rejected);
    }

    [Theory]
    [InlineData("{\"version\":1,\"kind\":null}")]
    [InlineData("{\"version\":1,\"kind\":\"members\",\"members\":[null]}")]
    [InlineData("{\"version\":1,\"kind\":\"message\",\"member\":{\"node\":\"b\"}}")]
    [InlineData("{\"version\":1,\"kind\":\"message\",\"member\":{\"node\":\"b\",\"incarnation\":\"00000001000000000000000000000000\",\"locations\":[null]}}")]
    public void Frame_WithoutItsParts_IsRefused(string json)
    {
        Assert.Null(FrameCodec.TryDecode(Encoding.UTF8.GetBytes(json), out Problem? problem));
        Assert.Equal(Reason.ProtocolViolation, problem?.Reason);
    }

    [Theory]
    [InlineData("message", "nowhere")]
    [InlineData("message", null)]
    [InlineData("members", "hub")]
    [InlineData("welcome", "hub")]
    [InlineData("from-the-future", "hub")]
    public async Task Frame_ThatIsNoMembers_EndsTheLinkWithAReason(string kind, string? to)
    {
        using RawPeer a = await JoinAsync("a");
        await a.SendAsync(kind, to, Json(Samples.Note(1)));

        await AssertRefusedAsync(a, Reason.ProtocolViolation);
        await _received.WhenMembersAsync("hub");
    }

    [Theory]
    [InlineData(70_000)]       // a control message beyond its limit
    [InlineData(2_000_000)]    // a frame beyond any limit: refused before it is whole
    public async Task Message_OfTooMuch_EndsTheLinkWithAReason(int length)   // N9, B4
    {
        using RawPeer a = await JoinAsync("a");
        Task sending = a.SendAsync(Envelope.BusMessage, "hub", Json(Samples.Note(1, new string('x', length))));

        await AssertRefusedAsync(a, Reason.LimitReached);
        await sending.ContinueWith(_ => { }, TaskScheduler.Default).WithinDeadline();
    }

    [Fact]
    [Trait("row", "P7")]
    public async Task Message_NestedTooDeep_EndsTheLink()   // P7
    {
        using RawPeer a = await JoinAsync("a");
        await a.SendAsync(Envelope.BusMessage, "hub", new string('[', 10_000) + new string(']', 10_000));

        await AssertRefusedAsync(a, Reason.ProtocolViolation);
    }

    [Fact]
    public async Task Heartbeat_OfASilentPeer_IsMissedThreeTimesAndEndsTheLink()   // N2
    {
        using RawPeer a = await JoinAsync("a");
        for (int i = 0; i <= _options.HeartbeatMisses; i++)
        {
            Assert.Equal(2, _hub.Members.Count);
            await _time.PassAsync(_options.HeartbeatInterval);
        }

        await _received.WhenMembersAsync("hub");
        Assert.Equal(1, _hub.Statistics.HeartbeatsLost);
        Assert.False(_hub.KnownMembers.Single(known => known.Member.Node.Value == "a").Connected);
    }

    [Fact]
    public async Task Heartbeat_ThatIsAnswered_KeepsTheLink()
    {
        using RawPeer a = await JoinAsync("a");
        for (int i = 0; i < 20; i++)
        {
            await _time.PassAsync(_options.HeartbeatInterval);
            await a.ReadAsync(Envelope.Ping);
            await a.SendAsync(new Envelope { Version = 1, Kind = Envelope.Pong });

            // The hub has taken the answer in when it answers us.
            await a.SendAsync(new Envelope { Version = 1, Kind = Envelope.Ping });
            await a.ReadAsync(Envelope.Pong);
        }

        Assert.Equal(2, _hub.Members.Count);
    }

    [Fact]
    [Trait("row", "D14")]
    public async Task Heartbeat_WhileTheReceiverIsBusy_KeepsTheLink()   // D14
    {
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource inside = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _received.OnDelivery = _ =>
        {
            inside.TrySetResult();
            return go.Task;
        };
        using RawPeer a = await JoinAsync("a");
        await a.SendAsync(Envelope.BusMessage, "hub", Json(Samples.Note(0)));
        await inside.Task.WithinDeadline();
        int count = _options.QueueLength + 2;   // one at the receiver, a full queue, one that its link holds in hand
        for (int i = 1; i < count; i++)
        {
            await a.SendAsync(Envelope.BusMessage, "hub", Json(Samples.Note(i)));
        }

        await WhenAsync(() => _hub.Statistics.QueueWaits == 1);
        for (int i = 0; i < 10; i++)
        {
            await _time.PassAsync(_options.HeartbeatInterval);
        }

        Assert.Equal(2, _hub.Members.Count);
        go.SetResult();
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(i, Samples.NumberOf(await _received.NextAsync()));
        }
    }

    [Fact]
    public async Task Peer_ThatDoesNotRead_IsClosedAsSlowAndCounted()
    {
        using RawPeer a = await JoinAsync("a");
        string text = new('x', 60_000);
        List<Task> sends = [];
        while (_hub.Statistics.QueueWaits == 0)
        {
            sends.Add(_hub.SendAsync(Samples.Node("a"), Samples.Note(sends.Count, text), Cancellation));
        }

        await _time.PassAsync(_options.SlowConsumerGrace);

        ClusterTransferException error = await Assert.ThrowsAsync<ClusterTransferException>(() => sends[^1].WithinDeadline());
        Assert.Equal(Reason.NodeUnreachable, error.Reason);
        await _received.WhenMembersAsync("hub");
        Assert.Equal(1, _hub.Statistics.SlowConsumers);
        Assert.InRange(sends.Count, 2, (_options.QueueBytes / text.Length) + 8);
    }

    [Fact]
    public async Task Peer_ThatIsSlow_DoesNotKeepOthersFromTheirMessages()
    {
        using RawPeer slow = await JoinAsync("slow");
        using RawPeer a = await JoinAsync("a");
        using RawPeer b = await JoinAsync("b");
        string text = new('x', 60_000);
        Task flood = FloodAsync();
        await _time.PassAsync(_options.SlowConsumerGrace);

        Assert.NotNull(await b.ReadAsync(Envelope.BusMessage));
        await flood.WithinDeadline();
        Assert.Equal(1, _hub.Statistics.SlowConsumers);

        async Task FloodAsync()
        {
            while (_hub.Statistics.QueueWaits == 0)
            {
                await a.SendAsync(Envelope.BusMessage, "node/slow", Json(Samples.Note(0, text)));
                await Task.Yield();
            }

            await a.SendAsync(Envelope.BusMessage, "node/b", Json(Samples.Note(1)));
        }
    }

    [Fact]
    public async Task Dispose_EndsEveryLink()
    {
        using RawPeer a = await JoinAsync("a");
        await _hub.DisposeAsync().AsTask().WithinDeadline();

        await Task.WhenAll(_served).WithinDeadline();
        while (await a.ReadAsync() is not null)
        {
        }
    }

    private static string Json(BusMessage message) => JsonSerializer.Serialize(message, ControlJson.Default.BusMessage);

    private static async Task<Problem> AssertRefusedAsync(RawPeer peer, Reason reason)
    {
        Envelope answer = await peer.ReadAsync(Envelope.Refuse);
        Assert.Equal(reason, answer.Problem!.Reason);
        Assert.Null(await peer.ReadAsync());
        return answer.Problem;
    }

    /// <summary>For the one thing that no event tells: a counter of the hub.</summary>
    private static async Task WhenAsync(Func<bool> condition)
    {
        using CancellationTokenSource deadline = new(Deadline.Default);
        while (!condition())
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static Member Serving(string node, params string[] locations) =>
        Samples.Member(node) with { Locations = [.. locations.Select(name => new MemberLocation(new LocationName(name), ReadOnly: false))] };

    private RawPeer Connect(string name, EmbeddedHub? hub = null)
    {
        (WebSocket atHub, WebSocket atNode) = SocketPair.Create();
        _served.Add((hub ?? _hub).AcceptAsync(atHub, new NodeId(name), Cancellation));
        return new RawPeer(atNode);
    }

    private async Task<RawPeer> JoinAsync(string name)
    {
        RawPeer peer = Connect(name);
        await peer.AnnounceAsync(Samples.Member(name));
        await peer.ReadAsync(Envelope.Welcome);
        return peer;
    }
}
