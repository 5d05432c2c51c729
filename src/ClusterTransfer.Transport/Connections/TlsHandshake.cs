using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterTransfer.Model;
using ClusterTransfer.Transport.Identity;
using ClusterTransfer.Transport.Records;

namespace ClusterTransfer.Transport.Connections;

/// <summary>Mutual TLS 1.3 on a connected socket. Whoever the peer is, it is decided by <see cref="PeerVerifier"/> alone.</summary>
internal static class TlsHandshake
{
#pragma warning disable CA5398 // Only 1.3 is meant: the peers are our own nodes, and an older version is an attack or a mistake.
    private const SslProtocols Versions = SslProtocols.Tls13;
#pragma warning restore CA5398

    /// <summary>The listener's side. A link whose verdict is a refusal may be used only to say so.</summary>
    public static async Task<(SecureLink Link, PeerVerdict Verdict)> AcceptAsync(Socket socket, DataPlane plane, CancellationToken cancellationToken)
    {
        PeerVerdict verdict = default;
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = plane.Certificate,
            ClientCertificateRequired = true,
            EnabledSslProtocols = Versions,
            AllowTlsResume = false,
            AllowRenegotiation = false,
            ApplicationProtocols = LayerProtocols.Of(plane.Options),
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            // Judged here, acted upon by the caller: TLS 1.3 gives a client no other way to learn why it was refused than a Goodbye.
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            {
                verdict = plane.Verifier.Verify(certificate as X509Certificate2);
                return verdict.Node != default || verdict.Problem is not null;
            },
        };
        SecureLink link = await HandshakeAsync(
            socket, plane, dialled: false, () => verdict.Node, stream => stream.AuthenticateAsServerAsync(options, cancellationToken)).ConfigureAwait(false);
        return (link, verdict);
    }

    /// <summary>The dialler's side; throws unless the peer is <paramref name="expected"/>.</summary>
    /// <exception cref="ClusterTransferException">With <see cref="Reason.IdentityRefused"/>.</exception>
    public static async Task<SecureLink> DialAsync(Socket socket, DataPlane plane, NodeId expected, CancellationToken cancellationToken)
    {
        PeerVerdict verdict = default;
        var options = new SslClientAuthenticationOptions
        {
            // Sent as server name only; who the peer is, its node name says.
            TargetHost = expected.Value,
            ClientCertificateContext = plane.Certificate,
            EnabledSslProtocols = Versions,
            AllowTlsResume = false,
            AllowRenegotiation = false,
            ApplicationProtocols = LayerProtocols.Of(plane.Options),
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            {
                verdict = plane.Verifier.Verify(certificate as X509Certificate2);
                if (verdict.IsAccepted && verdict.Node != expected)
                {
                    verdict = new PeerVerdict(default, new Problem(Reason.IdentityRefused, $"Refused: the certificate is of node '{verdict.Node}'."));
                }

                return verdict.IsAccepted;
            },
        };
        try
        {
            return await HandshakeAsync(
                socket, plane, dialled: true, () => verdict.Node, stream => stream.AuthenticateAsClientAsync(options, cancellationToken)).ConfigureAwait(false);
        }
        catch (AuthenticationException error) when (verdict.Problem is not null)
        {
            throw new ClusterTransferException(verdict.Problem, error);
        }
    }

    private static async Task<SecureLink> HandshakeAsync(Socket socket, DataPlane plane, bool dialled, Func<NodeId> peer, Func<SslStream, Task> authenticate)
    {
        var underTls = new HandshakeStream(socket);
        var tls = new SslStream(underTls, leaveInnerStreamOpen: true);
        try
        {
            await authenticate(tls).ConfigureAwait(false);
            // Asked again of the result: an option that did not do what it says must not open the door.
            RecordLayer layer = tls is { SslProtocol: SslProtocols.Tls13, IsEncrypted: true } && LayerProtocols.Agreed(tls.NegotiatedApplicationProtocol, plane.Options) is { } agreed
                ? agreed : throw new AuthenticationException($"The peer agreed to {tls.SslProtocol} and '{tls.NegotiatedApplicationProtocol}' only.");
            if (layer == RecordLayer.Tls)
            {
                underTls.PassThrough();
            }

            return new SecureLink(socket, underTls, tls, layer)
            {
                Peer = peer(),
                Dialled = dialled,
                LocalCertificateHash = plane.CertificateHash,
                PeerCertificateHash = tls.RemoteCertificate?.GetCertHash(HashAlgorithmName.SHA256) ?? [],
            };
        }
        catch
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
