using System.Security.Cryptography;
using System.Text;

namespace ClusterTransfer.Transport.Records;

/// <summary>Everything that the keys of a connection are made of. Both ends have the same.</summary>
/// <param name="Suite">The cipher.</param>
/// <param name="Secret">32 random bytes, said by the dialler inside TLS.</param>
/// <param name="DiallerCertificateHash">SHA-256 of the dialler's certificate.</param>
/// <param name="AcceptorCertificateHash">SHA-256 of the acceptor's certificate.</param>
/// <param name="ConnectionNonce">Of both Hellos.</param>
internal sealed record SealContext(SealSuite Suite, byte[] Secret, byte[] DiallerCertificateHash, byte[] AcceptorCertificateHash, byte[] ConnectionNonce)
{
    private const int HashSize = 32;

    /// <summary>The first secret of one direction.</summary>
    /// <remarks>HKDF-Expand(HKDF-Extract(salt: connection nonce, secret), label, padded with zero bytes to 32 | suite u8 | dialler's hash | acceptor's hash), SHA-256.</remarks>
    public byte[] DirectionSecret(bool fromDialler)
    {
        byte[] info = new byte[SealKeys.LabelSize + 1 + HashSize + HashSize];
        Encoding.ASCII.GetBytes(fromDialler ? "ClusterTransfer sealed 1 dialler" : "ClusterTransfer sealed 1 accept", info);
        info[SealKeys.LabelSize] = (byte)Suite;
        DiallerCertificateHash.AsSpan(0, HashSize).CopyTo(info.AsSpan(SealKeys.LabelSize + 1));
        AcceptorCertificateHash.AsSpan(0, HashSize).CopyTo(info.AsSpan(SealKeys.LabelSize + 1 + HashSize));
        Span<byte> root = stackalloc byte[HashSize];
        HKDF.Extract(HashAlgorithmName.SHA256, Secret, ConnectionNonce, root);
        byte[] direction = new byte[HashSize];
        HKDF.Expand(HashAlgorithmName.SHA256, root, direction, info);
        CryptographicOperations.ZeroMemory(root);
        return direction;
    }
}
