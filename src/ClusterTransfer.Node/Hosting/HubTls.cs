using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ClusterTransfer.Transport.Identity;

namespace ClusterTransfer.Node.Hosting;

/// <summary>TLS of the link to the hub: our certificate, and the hub's checked against the cluster's authority.</summary>
internal static class HubTls
{
    public static SslClientAuthenticationOptions Options(NodeIdentity identity, PeerVerifier verifier) => new()
    {
        ClientCertificates = [identity.Certificate],
        LocalCertificateSelectionCallback = (_, _, _, _, _) => identity.Certificate,
        EnabledSslProtocols = SslProtocols.Tls13,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        AllowTlsResume = false,

        // Names are checked as node names, in the announcement; an address may be anything.
        RemoteCertificateValidationCallback = (_, certificate, _, _) => verifier.Verify(certificate as X509Certificate2).IsAccepted,
    };
}
