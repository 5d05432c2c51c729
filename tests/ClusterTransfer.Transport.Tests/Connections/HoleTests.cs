using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Tests.Support;

namespace ClusterTransfer.Transport.Tests.Connections;

/// <summary>A network that swallows without a word. All clocks are the test's.</summary>
public sealed class HoleTests : IDisposable
{
    private readonly CertificateForge _forge = new(TimeProvider.System.GetUtcNow());
    private readonly ManualTime _time = ManualTime.FromNow();

    public void Dispose() => _forge.Dispose();

    [Theory]
    [Trait("row", "N2")]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Run_IntoAHole_EndsAtBothEndsWithThreeHeartbeatsAndFreesTheSlot(bool there, bool back)
    {
        // Arrange: the only connection that this peer may have.
        await using TestNode a = Pair.Node(_forge, "a", time: _time);
        await using TestNode b = await Pair.Node(_forge, "b", new DataPlaneOptions { MaxConnectionsPerPeer = 1 }, _time).ListenAsync();
        await using var relay = new HoleRelay { Target = b.Listener.LocalEndPoint };
        await using DataConnection atA = await DialAsync(a, relay);
        await using DataConnection atB = await b.NextAcceptedAsync();

        // Act
        (relay.There, relay.Back) = (there, back);
        Task<PumpEnd> runA = atA.RunAsync(new RecordingReceiver(), CancellationToken.None);
        Task<PumpEnd> runB = atB.RunAsync(new RecordingReceiver(), CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(14));
        bool early = runA.IsCompleted || runB.IsCompleted;
        _time.Advance(TimeSpan.FromSeconds(1));

        // Assert: whoever hears nothing says so; the other one hears of that, or hears nothing either.
        Assert.False(early);
        PumpEnd[] ends = await Task.WhenAll(runA, runB).WithinDeadline();
        Assert.All(ends, end => Assert.Contains(end.Reason, new[] { PumpEndReason.HeartbeatLost, PumpEndReason.Reset, PumpEndReason.PeerClosed }));
        Assert.Equal(PumpEndReason.HeartbeatLost, ends[there ? 1 : 0].Reason);
        await Eventually.TrueAsync(() => b.Listener.Statistics.Open == 0, "the slot is free");
        (relay.There, relay.Back) = (false, false);
        await using DataConnection again = await DialAsync(a, relay);
        await using DataConnection againAtB = await b.NextAcceptedAsync();
    }

    [Fact]
    [Trait("row", "N3")]
    public async Task Dial_APeerThatIsSilentAfterTls_GivesUpAtTheDeadline()
    {
        using var port = new TcpListener(IPAddress.Loopback, 0);
        port.Start();
        using X509Certificate2 certificate = _forge.Leaf(new CertificateForge.Recipe());
        await using TestNode dialler = Pair.Node(_forge, "a", time: _time);
        Task<DataConnection> dialling = new DataDialer(dialler.Plane)
            .DialAsync($"127.0.0.1:{((IPEndPoint)port.LocalEndpoint).Port}", new NodeId("b"), CancellationToken.None);
        using Socket accepted = await port.AcceptSocketAsync().WithinDeadline();
        await using var tls = new SslStream(new NetworkStream(accepted));
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
            ClientCertificateRequired = true,
            ApplicationProtocols = [new SslApplicationProtocol("ct/1")],
#pragma warning disable CA5359 // The test is about silence.
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
        }).WithinDeadline();
        await tls.ReadExactlyAsync(new byte[1]).AsTask().WithinDeadline();   // its Hello

        _time.Advance(TimeSpan.FromSeconds(4.9));
        bool early = dialling.IsCompleted;
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.False(early);
        ClusterTransferException error = await Assert.ThrowsAsync<ClusterTransferException>(() => dialling.WithinDeadline());
        Assert.Equal(Reason.NodeUnreachable, error.Reason);
    }

    private static Task<DataConnection> DialAsync(TestNode from, HoleRelay relay) =>
        new DataDialer(from.Plane).DialAsync(relay.Address, new NodeId("b"), CancellationToken.None).WithinDeadline();
}
