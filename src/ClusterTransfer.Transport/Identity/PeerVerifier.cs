using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterTransfer.Model;

namespace ClusterTransfer.Transport.Identity;

/// <summary>Decides whether a certificate belongs to a node of this cluster, and to which. Used by the data plane and by the bus.</summary>
/// <remarks>Accepts only a leaf signed directly by the cluster's authority, valid now, for server and client use, with exactly one
/// node name. Host names are not looked at: a node is its name, wherever it is. Any doubt or error refuses.</remarks>
public sealed class PeerVerifier
{
    private readonly X509Certificate2Collection _authority;
    private readonly TimeProvider _time;

    /// <summary>Makes a verifier that trusts the authority of <paramref name="identity"/> and nothing else.</summary>
    public PeerVerifier(NodeIdentity identity, TimeProvider time)
        : this(identity.Authority, time)
    {
    }

    internal PeerVerifier(X509Certificate2Collection authority, TimeProvider time)
    {
        _authority = authority;
        _time = time;
    }

    /// <summary>Looks at what a peer presented; null stands for no certificate. Never throws.</summary>
    public PeerVerdict Verify(X509Certificate2? certificate)
    {
        if (certificate is null)
        {
            return Refuse("the peer sent no certificate");
        }

        try
        {
            return Problem(certificate) is { } problem ? Refuse(problem)
                : NodeUri.TryRead(certificate, out NodeId node) ? new PeerVerdict(node, null)
                : Refuse("the certificate does not hold exactly one node name");
        }
        catch (Exception error)
        {
            // Fails closed: a certificate that cannot be understood proves nothing, whatever is odd about it.
            return Refuse($"the certificate cannot be read: {error.Message}");
        }
    }

    private static PeerVerdict Refuse(string why) => new(default, new Problem(Reason.IdentityRefused, $"Refused: {why}."));

    private string? Problem(X509Certificate2 certificate)
    {
        X509BasicConstraintsExtension? constraints = certificate.Extensions.OfType<X509BasicConstraintsExtension>().SingleOrDefault();
        if (constraints is null || constraints.CertificateAuthority)
        {
            return "the certificate is one of an authority, not of a node";
        }

        if (!HasUsage(certificate, ClusterAuthority.ServerUsage) || !HasUsage(certificate, ClusterAuthority.ClientUsage))
        {
            return "the certificate is not for both server and client use";
        }

        DateTimeOffset now = _time.GetUtcNow();
        return now < certificate.NotBefore ? $"the certificate is not valid before {certificate.NotBefore.ToUniversalTime():u}"
            : now > certificate.NotAfter ? $"the certificate expired on {certificate.NotAfter.ToUniversalTime():u}"
            : ChainProblem(certificate, now);
    }

    private static bool HasUsage(X509Certificate2 certificate, string usage) =>
        certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().SingleOrDefault() is { } extension
        && extension.EnhancedKeyUsages.Cast<Oid>().Any(oid => oid.Value == usage);

    private string? ChainProblem(X509Certificate2 certificate, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authority);
        // No request may leave the machine because of what a stranger's certificate says.
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.NoFlag;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        try
        {
            if (chain.Build(certificate))
            {
                return null;
            }

            string states = string.Join(", ", chain.ChainStatus.Select(status => status.Status).Distinct());
            return $"the certificate is not signed by this cluster's authority ({states})";
        }
        finally
        {
            foreach (X509ChainElement element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }
        }
    }
}
