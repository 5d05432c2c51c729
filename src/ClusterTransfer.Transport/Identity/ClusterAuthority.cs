using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterTransfer.Model;

namespace ClusterTransfer.Transport.Identity;

/// <summary>The cluster's own certificate authority: two files in a folder, <c>ca.crt</c> and <c>ca.key</c>.</summary>
/// <remarks>ECDSA P-256 with SHA-256. Only the certificate goes to the nodes; the key is needed to issue and may be kept offline.</remarks>
public static class ClusterAuthority
{
    /// <summary>File name of the authority's certificate.</summary>
    public const string CertificateFileName = "ca.crt";

    /// <summary>File name of the authority's private key.</summary>
    public const string KeyFileName = "ca.key";

    internal const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    internal const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    private const int SerialBytes = 16;
    private const int MaxNameLength = 64;

    /// <summary>Makes a new authority in <paramref name="folder"/>, which is created (mode 0700) when it is missing.</summary>
    /// <param name="folder">Where to write <c>ca.crt</c> and <c>ca.key</c>.</param>
    /// <param name="name">Name of the cluster, 1 to 64 printable characters; for people only.</param>
    /// <param name="time">The clock validity starts from.</param>
    /// <param name="options">Validity; null for the defaults.</param>
    /// <exception cref="ClusterTransferException">The name is refused, a file exists already, or the folder cannot be written.</exception>
    public static IssuedFiles Create(string folder, string name, TimeProvider time, AuthorityOptions? options = null)
    {
        if (name.Length is 0 or > MaxNameLength || name.Any(char.IsControl))
        {
            throw new ClusterTransferException(Reason.InvalidRequest, $"The authority's name must be 1 to {MaxNameLength} printable characters.");
        }

        options ??= new AuthorityOptions();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = RequestFor(name, key);
        // Path length 0: it signs nodes, never another authority.
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));

        DateTimeOffset now = time.GetUtcNow();
        using X509Certificate2 certificate = request.Create(
            request.SubjectName, X509SignatureGenerator.CreateForECDsa(key), now - options.ClockSkew, now + options.AuthorityValidity, NewSerial());
        return Write(folder, CertificateFileName, certificate, KeyFileName, key);
    }

    /// <summary>Issues the certificate of one node: <c>NAME.crt</c> and <c>NAME.key</c> in <paramref name="outFolder"/>.</summary>
    /// <param name="authorityFolder">Folder of <c>ca.crt</c> and <c>ca.key</c>.</param>
    /// <param name="node">The node's name: the only thing peers check beside the signature.</param>
    /// <param name="hosts">Host names and addresses for other TLS clients; may be empty.</param>
    /// <param name="outFolder">Where to write; created (mode 0700) when it is missing.</param>
    /// <param name="time">The clock validity starts from.</param>
    /// <param name="options">Validity; null for the defaults.</param>
    /// <exception cref="ClusterTransferException">The authority cannot be read or has expired, a host is malformed, a file exists already, or the folder cannot be written.</exception>
    public static IssuedFiles Issue(
        string authorityFolder, NodeId node, IReadOnlyList<string> hosts, string outFolder, TimeProvider time, AuthorityOptions? options = null)
    {
        options ??= new AuthorityOptions();
        using X509Certificate2 authority = PemFiles.LoadPair(
            Path.Combine(authorityFolder, CertificateFileName), Path.Combine(authorityFolder, KeyFileName));
        DateTimeOffset now = time.GetUtcNow();
        if (now >= authority.NotAfter)
        {
            throw new ClusterTransferException(Reason.IdentityRefused,
                $"The authority in '{authorityFolder}' expired on {authority.NotAfter.ToUniversalTime():u}: make a new one.");
        }

        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = RequestFor(node.Value, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerUsage), new Oid(ClientUsage)], critical: true));
        request.CertificateExtensions.Add(AlternativeNames(node, hosts));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));

        DateTimeOffset from = Later(now - options.ClockSkew, authority.NotBefore);
        DateTimeOffset until = Earlier(now + options.NodeValidity, authority.NotAfter);
        using X509Certificate2 certificate = request.Create(authority, from, until, NewSerial());
        return Write(outFolder, $"{node}.crt", certificate, $"{node}.key", key);
    }

    private static CertificateRequest RequestFor(string name, ECDsa key)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }

    private static X509Extension AlternativeNames(NodeId node, IReadOnlyList<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(NodeUri.Of(node));
        foreach (string host in hosts)
        {
            if (IPAddress.TryParse(host, out IPAddress? address))
            {
                names.AddIpAddress(address);
            }
            else if (Uri.CheckHostName(host) == UriHostNameType.Dns)
            {
                names.AddDnsName(host);
            }
            else
            {
                throw new ClusterTransferException(Reason.InvalidRequest, $"'{ShownText.Of(host)}' is neither a host name nor an address.");
            }
        }

        return names.Build();
    }

    private static IssuedFiles Write(string folder, string certificateName, X509Certificate2 certificate, string keyName, ECDsa key)
    {
        string root = Path.GetFullPath(folder);
        string certificateFile = Path.Combine(root, certificateName);
        string keyFile = Path.Combine(root, keyName);
        ExclusiveFiles.WritePair(keyFile, key.ExportPkcs8PrivateKeyPem() + "\n", certificateFile, certificate.ExportCertificatePem() + "\n");
        return new IssuedFiles(certificateFile, keyFile, certificate.NotAfter.ToUniversalTime(),
            Convert.ToHexStringLower(SHA256.HashData(certificate.RawDataMemory.Span)));
    }

    private static byte[] NewSerial()
    {
        byte[] serial = RandomNumberGenerator.GetBytes(SerialBytes);
        // A serial is a positive integer without leading zero octets.
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40);
        return serial;
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
