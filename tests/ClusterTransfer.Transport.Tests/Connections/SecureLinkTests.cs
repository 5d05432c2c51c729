using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Records;
using ClusterTransfer.Transport.Tests.Support;

namespace ClusterTransfer.Transport.Tests.Connections;

/// <summary>The end of a link whose TLS broke.</summary>
public sealed class SecureLinkTests : IDisposable
{
    private static readonly byte[] DamagedRecord = [0x17, 0x03, 0x03, 0x00, 0x20, .. new byte[32]];

    private readonly CertificateForge _forge = new(TimeProvider.System.GetUtcNow());

    public void Dispose() => _forge.Dispose();

    [Fact]
    [Trait("row", "N6")]
    public async Task EndSending_AfterADamagedRecord_FailsAsABrokenConnectionDoes()
    {
        await using TestNode a = Pair.Node(_forge, "a", new DataPlaneOptions { RecordLayer = RecordLayer.Tls });
        using X509Certificate2 certificate = _forge.Leaf(new CertificateForge.Recipe());
        using var acceptor = new RawAcceptor(certificate);
        await using SecureLink link = await BreakAsync(a, acceptor);

        await Assert.ThrowsAnyAsync<IOException>(() => link.EndSendingAsync(CancellationToken.None));
    }

    [Fact]
    [Trait("row", "N6")]
    public async Task Linger_AfterADamagedRecord_ThrowsNothing()
    {
        await using TestNode a = Pair.Node(_forge, "a", new DataPlaneOptions { RecordLayer = RecordLayer.Tls });
        using X509Certificate2 certificate = _forge.Leaf(new CertificateForge.Recipe());
        using var acceptor = new RawAcceptor(certificate);
        await using SecureLink link = await BreakAsync(a, acceptor);
        acceptor.Socket.Shutdown(SocketShutdown.Send);

        await link.LingerAsync(CancellationToken.None).WithinDeadline();
    }

    private static async Task<SecureLink> BreakAsync(TestNode dialler, RawAcceptor acceptor)
    {
        Task accepting = acceptor.AcceptAsync("ct/1");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPEndPoint.Parse(acceptor.Address));
        SecureLink link = await TlsHandshake.DialAsync(socket, dialler.Plane, new NodeId("b"), CancellationToken.None).WithinDeadline();
        await accepting;
        await acceptor.Socket.SendAsync(DamagedRecord);
        await Assert.ThrowsAnyAsync<IOException>(() => link.Stream.ReadAsync(new byte[1]).AsTask().WithinDeadline());
        return link;
    }
}
