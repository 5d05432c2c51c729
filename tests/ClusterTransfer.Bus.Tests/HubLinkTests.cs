using System.Net.WebSockets;
using System.Threading.Channels;
using ClusterTransfer.Bus.Frames;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Bus.Tests;

/// <summary>A node's link against a hub played by hand.</summary>
public sealed class HubLinkTests : IAsyncLifetime
{
    // Without jitter every wait has its own length, so that a test can tell which timer it lets fire.
    private readonly BusOptions _options = new() { HandshakeTimeout = TimeSpan.FromSeconds(5.5) };
    private readonly ManualTime _time = new();
    private readonly RecordingReceiver _received = new();
    private readonly Channel<RawPeer> _dialled = Channel.CreateBounded<RawPeer>(100);
    private readonly HubLink _link;
    private readonly Member _hub = Samples.Member("hub") with { IsHub = true };

    public HubLinkTests() => _link = new HubLink(Samples.Member("a"), DialAsync, _options, _time) { Jitter = () => 1 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _link.Start(_received);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    [Fact]
    public async Task Link_Welcomed_IsConnectedAndKnowsTheMembers()
    {
        using RawPeer hub = await WelcomeAsync("b");

        await _received.WhenConnectedAsync(true);
        await _received.WhenMembersAsync("hub", "a", "b");
        Assert.True(_link.IsConnected);
    }

    [Fact]
    public async Task Link_Refused_SaysWhyAndTriesAgain()
    {
        using RawPeer hub = await NextDialAsync();
        await hub.ReadAsync(Envelope.Announce);
        await hub.SendAsync(new Envelope { Version = 1, Kind = Envelope.Refuse, Problem = new Problem(Reason.IdentityRefused, "already connected") });

        Assert.Equal("already connected", (await _received.WhenProblemAsync(Reason.IdentityRefused)).Detail);
        Assert.Equal(1, _link.Statistics.LinksRefused);
        await _time.PassAsync(_options.ReconnectMin);
        using RawPeer again = await NextDialAsync();
        await again.ReadAsync(Envelope.Announce);
    }

    [Fact]
    [Trait("row", "N13")]
    public async Task Link_RefusedAgainAndAgain_PausesLongerUpToItsLimit()   // N13
    {
        foreach (double seconds in new[] { 0.25, 0.5, 1, 2, 4, 8, 10, 10 })
        {
            using RawPeer hub = await NextDialAsync();
            hub.Dispose();
            await _time.PassAsync(TimeSpan.FromSeconds(seconds));
        }

        using RawPeer last = await NextDialAsync();
    }

    [Fact]
    [Trait("row", "N15")]
    public async Task Link_OfAnotherVersion_SaysSo()   // N15
    {
        using RawPeer hub = await NextDialAsync();
        await hub.SendAsync("""{"version":2,"kind":"welcome"}""");

        Problem problem = await _received.WhenProblemAsync(Reason.VersionMismatch);
        Assert.Contains("version 2", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Link_WithASilentHub_EndsAfterThreeHeartbeatsAndIsDialledAgain()   // N2
    {
        using RawPeer hub = await WelcomeAsync();
        await _received.WhenConnectedAsync(true);
        for (int i = 0; i <= _options.HeartbeatMisses; i++)
        {
            Assert.True(_link.IsConnected);
            await _time.PassAsync(_options.HeartbeatInterval);
        }

        await _received.WhenConnectedAsync(false);
        Assert.Equal(1, _link.Statistics.HeartbeatsLost);
        await _time.PassAsync(_options.ReconnectMin);
        using RawPeer again = await WelcomeAsync();
        await _received.WhenConnectedAsync(true);
    }

    [Fact]
    public async Task Link_WithoutAWelcome_GivesUpAndTriesAgain()   // N3
    {
        using RawPeer hub = await NextDialAsync();
        await hub.ReadAsync(Envelope.Announce);
        await _time.PassAsync(_options.HandshakeTimeout + _options.HeartbeatInterval);

        await _received.WhenProblemAsync(Reason.TimedOut);
    }

    [Fact]
    public async Task Message_OfTheHub_IsDeliveredWithTheSenderItNames()
    {
        using RawPeer hub = await WelcomeAsync("b");
        await hub.SendAsync(Envelope.BusMessage, "node/a", """{"type":"from-the-future"}""");
        await hub.SendAsync("""{"version":1,"kind":"message","from":"b","to":"node/a","message":{"type":"session-noted","transferId":"abcdefgh12345678","epoch":{"coordinator":1,"session":5},"role":"Source","kind":"note","text":""}}""");

        Assert.Equal(new BusDelivery(new NodeId("b"), Samples.Note(5)), await _received.NextAsync());
        Assert.Equal(1, _link.Statistics.Rejected);
    }

    [Fact]
    public async Task Send_WhileAway_IsRefused()
    {
        ClusterTransferException error = await Assert.ThrowsAsync<ClusterTransferException>(
            () => _link.SendAsync(new BusTarget.Hub(), Samples.Note(1), Cancellation));

        Assert.Equal(Reason.HubUnreachable, error.Reason);
    }

    [Fact]
    public async Task Dispose_WhileDialling_Ends()
    {
        using RawPeer hub = await NextDialAsync();

        await _link.DisposeAsync().AsTask().WithinDeadline();

        Assert.Equal(Envelope.Announce, (await hub.ReadAsync())?.Kind ?? Envelope.Announce);
    }

    private Task<WebSocket> DialAsync(CancellationToken cancellationToken)
    {
        (WebSocket atHub, WebSocket atNode) = SocketPair.Create();
        return _dialled.Writer.TryWrite(new RawPeer(atHub)) ? Task.FromResult(atNode) : throw new InvalidOperationException("Dialled too often.");
    }

    private Task<RawPeer> NextDialAsync() => _dialled.Reader.ReadAsync().AsTask().WithinDeadline();

    private async Task<RawPeer> WelcomeAsync(params string[] others)
    {
        RawPeer hub = await NextDialAsync();
        Envelope announce = await hub.ReadAsync(Envelope.Announce);
        await hub.SendAsync(new Envelope
        {
            Version = 1,
            Kind = Envelope.Welcome,
            Member = _hub,
            Members = [_hub, announce.Member!, .. others.Select(Samples.Member)],
        });
        return hub;
    }
}
