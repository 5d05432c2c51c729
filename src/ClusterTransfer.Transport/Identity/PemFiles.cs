using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterTransfer.Model;

namespace ClusterTransfer.Transport.Identity;

/// <summary>Reads PEM files; each failure names the file and what to do about it.</summary>
internal static class PemFiles
{
    // A certificate bundle or key is a few KiB; whatever is larger is something else.
    private const int MaxBytes = 1024 * 1024;

    private const UnixFileMode OthersMayRead = UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>The certificates of a bundle: one, or several while an authority is being replaced.</summary>
    public static X509Certificate2Collection LoadBundle(string file)
    {
        string pem = Read(file);
        var bundle = new X509Certificate2Collection();
        try
        {
            bundle.ImportFromPem(pem);
        }
        catch (CryptographicException error)
        {
            throw Refused($"'{ShownText.Of(file)}' holds no readable certificate: {error.Message}", error);
        }

        return bundle.Count > 0 ? bundle : throw Refused($"'{ShownText.Of(file)}' holds no certificate: want PEM, 'BEGIN CERTIFICATE'.");
    }

    /// <summary>A certificate with its private key in memory.</summary>
    public static X509Certificate2 LoadPair(string certificateFile, string keyFile)
    {
        using X509Certificate2 certificate = First(LoadBundle(certificateFile));
        string pem = Read(keyFile);
        RefuseIfOthersMayRead(keyFile);
        using ECDsa key = ImportKey(pem, keyFile);
        try
        {
            return certificate.CopyWithPrivateKey(key);
        }
        catch (Exception error) when (error is ArgumentException or CryptographicException or InvalidOperationException)
        {
            throw Refused($"The key in '{ShownText.Of(keyFile)}' does not belong to the certificate in '{ShownText.Of(certificateFile)}': "
                + "use the two files that 'ct pki issue' wrote together.", error);
        }
    }

    public static ClusterTransferException Refused(string detail, Exception? inner = null) => new(Reason.IdentityRefused, detail, inner);

    private static X509Certificate2 First(X509Certificate2Collection bundle)
    {
        foreach (X509Certificate2 other in bundle.Skip(1))
        {
            other.Dispose();
        }

        return bundle[0];
    }

    private static ECDsa ImportKey(string pem, string keyFile)
    {
        ECDsa key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return key;
        }
        catch (Exception error) when (error is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw Refused($"'{ShownText.Of(keyFile)}' holds no usable private key: want an unencrypted ECDSA key in PEM, as 'ct pki issue' writes it.", error);
        }
    }

    private static void RefuseIfOthersMayRead(string keyFile)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(keyFile) & OthersMayRead) != 0)
        {
            throw Refused($"'{ShownText.Of(keyFile)}' can be read by other users: run 'chmod 600 {ShownText.Of(keyFile)}', "
                + "and issue the certificate again if they may have seen it.");
        }
    }

    private static string Read(string file)
    {
        try
        {
            using FileStream stream = File.OpenRead(file);
            if (stream.Length > MaxBytes)
            {
                throw Refused($"'{ShownText.Of(file)}' is larger than {MaxBytes} bytes: it is no PEM file of a certificate or key.");
            }

            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Refused($"'{ShownText.Of(file)}' does not exist: issue it with 'ct pki issue', or correct the tls section of the configuration.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw Refused($"'{ShownText.Of(file)}' cannot be read by this user: {error.Message}", error);
        }
    }
}
