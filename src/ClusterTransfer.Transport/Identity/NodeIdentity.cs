using System.Security.Cryptography.X509Certificates;
using ClusterTransfer.Model;

namespace ClusterTransfer.Transport.Identity;

/// <summary>Who this node is: its certificate with key, and the authority it trusts. Checked once, at start.</summary>
public sealed class NodeIdentity : IDisposable
{
    /// <summary>Takes the parts as they are; <see cref="Load"/> is the checked way.</summary>
    internal NodeIdentity(NodeId name, X509Certificate2 certificate, X509Certificate2Collection authority)
    {
        Name = name;
        Certificate = certificate;
        Authority = authority;
    }

    /// <summary>The node's name, as in its certificate.</summary>
    public NodeId Name { get; }

    /// <summary>The node's certificate with its private key in memory. Owned by this identity.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The cluster's authority: one certificate, or several while it is being replaced. Owned by this identity.</summary>
    public X509Certificate2Collection Authority { get; }

    /// <summary>Reads and checks the three PEM files of a node.</summary>
    /// <param name="authorityFile">The authority's certificate (several in a row while it is replaced).</param>
    /// <param name="certificateFile">The node's certificate.</param>
    /// <param name="keyFile">The node's private key; refused when other users may read it.</param>
    /// <param name="expected">The node name of the configuration.</param>
    /// <param name="time">The clock for validity.</param>
    /// <exception cref="ClusterTransferException">With <see cref="Reason.IdentityRefused"/>: the message names the file and the remedy.</exception>
    public static NodeIdentity Load(string authorityFile, string certificateFile, string keyFile, NodeId expected, TimeProvider time)
    {
        X509Certificate2Collection authority = PemFiles.LoadBundle(authorityFile);
        X509Certificate2? certificate = null;
        try
        {
            certificate = PemFiles.LoadPair(certificateFile, keyFile);
            PeerVerdict verdict = new PeerVerifier(authority, time).Verify(certificate);
            string file = ShownText.Of(certificateFile);
            if (!verdict.IsAccepted)
            {
                // Peers would refuse it by the same rules: better to hear it here than from each of them.
                throw PemFiles.Refused($"'{file}' with authority '{ShownText.Of(authorityFile)}': {verdict.Problem?.Detail} "
                    + $"Check the clock of this machine, or issue it again with 'ct pki issue' for node '{expected}'.");
            }

            return verdict.Node == expected ? new NodeIdentity(expected, certificate, authority) : throw PemFiles.Refused(
                $"'{file}' is the certificate of node '{verdict.Node}', but this node is configured as '{expected}': "
                + $"give node '{expected}' its own certificate, or correct node.name.");
        }
        catch
        {
            certificate?.Dispose();
            DisposeAll(authority);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Certificate.Dispose();
        DisposeAll(Authority);
    }

    private static void DisposeAll(X509Certificate2Collection certificates)
    {
        foreach (X509Certificate2 certificate in certificates)
        {
            certificate.Dispose();
        }
    }
}
