namespace ClusterTransfer.Transport.Identity;

/// <summary>What the authority has written.</summary>
/// <param name="CertificateFile">PEM certificate, mode 0644.</param>
/// <param name="KeyFile">PEM private key (PKCS#8), mode 0600.</param>
/// <param name="NotAfter">End of validity.</param>
/// <param name="Fingerprint">SHA-256 of the certificate, lower-case hex.</param>
public sealed record IssuedFiles(string CertificateFile, string KeyFile, DateTimeOffset NotAfter, string Fingerprint);
