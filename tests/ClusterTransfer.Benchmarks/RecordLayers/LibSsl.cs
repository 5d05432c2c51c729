using System.Runtime.InteropServices;

namespace ClusterTransfer.Benchmarks.RecordLayers;

/// <summary>The few calls of the system's OpenSSL that a blocking TLS connection takes.</summary>
internal static partial class LibSsl
{
    public const int VerifyPeer = 3;            // and fail without a certificate
    public const int Pem = 1;
    private const string Library = "libssl.so.3";
    private const int SetMinimum = 123;
    private const int SetReadAhead = 41;
    private const int Tls13 = 0x0304;

    /// <summary>A context for TLS 1.3 with a node's certificate, which asks the peer for one; null-pointer results are errors.</summary>
    public static nint NewContext(string folder, string node)
    {
        nint context = SslCtxNew(TlsMethod());
        Check(SslCtxCtrl(context, SetMinimum, Tls13, 0) == 1
            && SslCtxUseCertificateFile(context, Path.Combine(folder, $"{node}.crt"), Pem) == 1
            && SslCtxUsePrivateKeyFile(context, Path.Combine(folder, $"{node}.key"), Pem) == 1
            && SslCtxLoadVerifyLocations(context, Path.Combine(folder, "ca.crt"), 0) == 1, "context");
        SslCtxSetVerify(context, VerifyPeer, 0);
        SslCtxCtrl(context, SetReadAhead, 1, 0);                       // several records in one read
        SslCtxSetDefaultReadBufferLen(context, 256 * 1024);
        return context;
    }

    public static void Check(bool good, string what)
    {
        if (!good)
        {
            throw new InvalidOperationException($"OpenSSL: {what} failed.");
        }
    }

    [LibraryImport(Library, EntryPoint = "SSL_new")]
    public static partial nint SslNew(nint context);

    [LibraryImport(Library, EntryPoint = "SSL_set_fd")]
    public static partial int SslSetFd(nint ssl, int handle);

    [LibraryImport(Library, EntryPoint = "SSL_accept")]
    public static partial int SslAccept(nint ssl);

    [LibraryImport(Library, EntryPoint = "SSL_connect")]
    public static partial int SslConnect(nint ssl);

    [LibraryImport(Library, EntryPoint = "SSL_write")]
    public static partial int SslWrite(nint ssl, ref byte bytes, int count);

    [LibraryImport(Library, EntryPoint = "SSL_read")]
    public static partial int SslRead(nint ssl, ref byte bytes, int count);

    [LibraryImport(Library, EntryPoint = "SSL_free")]
    public static partial void SslFree(nint ssl);

    [LibraryImport(Library, EntryPoint = "SSL_CTX_free")]
    public static partial void SslCtxFree(nint context);

    [LibraryImport(Library, EntryPoint = "TLS_method")]
    private static partial nint TlsMethod();

    [LibraryImport(Library, EntryPoint = "SSL_CTX_new")]
    private static partial nint SslCtxNew(nint method);

    [LibraryImport(Library, EntryPoint = "SSL_CTX_ctrl")]
    private static partial nint SslCtxCtrl(nint context, int command, nint value, nint pointer);

    [LibraryImport(Library, EntryPoint = "SSL_CTX_set_verify")]
    private static partial void SslCtxSetVerify(nint context, int mode, nint callback);

    [LibraryImport(Library, EntryPoint = "SSL_CTX_set_default_read_buffer_len")]
    private static partial void SslCtxSetDefaultReadBufferLen(nint context, nuint bytes);

    [LibraryImport(Library, EntryPoint = "SSL_CTX_use_certificate_file", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SslCtxUseCertificateFile(nint context, string file, int type);

    [LibraryImport(Library, EntryPoint = "SSL_CTX_use_PrivateKey_file", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SslCtxUsePrivateKeyFile(nint context, string file, int type);

    [LibraryImport(Library, EntryPoint = "SSL_CTX_load_verify_locations", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SslCtxLoadVerifyLocations(nint context, string file, nint folder);
}
