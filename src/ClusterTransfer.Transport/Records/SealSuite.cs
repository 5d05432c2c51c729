using System.Security.Cryptography;

namespace ClusterTransfer.Transport.Records;

/// <summary>The cipher of sealed records, as it is numbered on the wire.</summary>
internal enum SealSuite : byte
{
    /// <summary>No cipher; only under <see cref="RecordLayer.Plain"/>.</summary>
    None = 0,

    /// <summary>AES-256 in Galois/Counter mode.</summary>
    Aes256Gcm = 1,

    /// <summary>ChaCha20-Poly1305, for processors without AES instructions.</summary>
    ChaCha20Poly1305 = 2,
}

/// <summary>Which suites there are here.</summary>
internal static class SealSuites
{
    /// <summary>What this end chooses when it dials.</summary>
    public static SealSuite Preferred { get; } = Choose(
        System.Runtime.Intrinsics.X86.Aes.IsSupported || System.Runtime.Intrinsics.Arm.Aes.IsSupported, ChaCha20Poly1305.IsSupported);

    public static SealSuite Choose(bool aesInstructions, bool chaCha) => aesInstructions || !chaCha ? SealSuite.Aes256Gcm : SealSuite.ChaCha20Poly1305;

    public static bool IsSupported(SealSuite suite) => suite switch
    {
        SealSuite.Aes256Gcm => AesGcm.IsSupported,
        SealSuite.ChaCha20Poly1305 => ChaCha20Poly1305.IsSupported,
        _ => false,
    };

    /// <summary>For logs.</summary>
    public static string NameOf(SealSuite suite) => suite == SealSuite.Aes256Gcm ? "AES-256-GCM" : "ChaCha20-Poly1305";
}
