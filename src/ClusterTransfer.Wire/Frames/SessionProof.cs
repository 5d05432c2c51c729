using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ClusterTransfer.Model;

namespace ClusterTransfer.Wire.Frames;

/// <summary>Binds a session to its secret, both certificates, its transfer and epoch, and to this one connection.</summary>
/// <remarks>HMAC-SHA256 with the session's secret over: label 32 (ASCII, padded with zeros) | transfer 16 | epoch u64 | session u32 | role u8 |
/// SHA-256 of the source's certificate | SHA-256 of the destination's certificate | connection nonce 32.
/// Every field has a fixed width, so no two inputs give the same bytes. The role keeps one end's proof from being sent back as the other's.</remarks>
public static class SessionProof
{
    /// <summary>Bytes in a proof.</summary>
    public const int Length = 32;

    /// <summary>Fewest bytes a session's secret may have.</summary>
    public const int MinSecretLength = 16;

    private const int LabelLength = 32;
    private const int InputLength = LabelLength + TransferId.Length + 8 + 4 + 1 + 32 + 32 + 32;

    private static ReadOnlySpan<byte> Label => "ClusterTransfer session proof 1"u8;

    /// <summary>The nonce of a connection: SHA-256 of the dialler's Hello nonce followed by the acceptor's.</summary>
    public static byte[] ConnectionNonce(ReadOnlySpan<byte> dialler, ReadOnlySpan<byte> acceptor)
    {
        RequireLength(dialler, HelloBody.NonceLength, nameof(dialler));
        RequireLength(acceptor, HelloBody.NonceLength, nameof(acceptor));
        return SHA256.HashData([.. dialler, .. acceptor]);
    }

    /// <summary>Computes the proof of one end.</summary>
    /// <param name="secret">Made by the coordinator for this session; at least 16 bytes.</param>
    /// <param name="transfer">The transfer.</param>
    /// <param name="epoch">The session's epoch.</param>
    /// <param name="session">The session.</param>
    /// <param name="role">The end that proves.</param>
    /// <param name="sourceCertificateHash">SHA-256 of the source's certificate (DER), as TLS showed it.</param>
    /// <param name="destinationCertificateHash">SHA-256 of the destination's certificate.</param>
    /// <param name="connectionNonce">See <see cref="ConnectionNonce"/>.</param>
    /// <exception cref="ArgumentException">An input has the wrong length.</exception>
    public static byte[] Compute(
        ReadOnlySpan<byte> secret,
        TransferId transfer,
        Epoch epoch,
        SessionId session,
        SessionRole role,
        ReadOnlySpan<byte> sourceCertificateHash,
        ReadOnlySpan<byte> destinationCertificateHash,
        ReadOnlySpan<byte> connectionNonce)
    {
        if (secret.Length < MinSecretLength)
        {
            throw new ArgumentException($"A session's secret has at least {MinSecretLength} bytes.", nameof(secret));
        }

        if (transfer.Value.Length != TransferId.Length)
        {
            throw new ArgumentException("The transfer id is empty.", nameof(transfer));
        }

        RequireLength(sourceCertificateHash, SHA256.HashSizeInBytes, nameof(sourceCertificateHash));
        RequireLength(destinationCertificateHash, SHA256.HashSizeInBytes, nameof(destinationCertificateHash));
        RequireLength(connectionNonce, SHA256.HashSizeInBytes, nameof(connectionNonce));

        Span<byte> input = stackalloc byte[InputLength];
        input.Clear();
        Label.CopyTo(input);
        Span<byte> rest = input[LabelLength..];
        Encoding.ASCII.GetBytes(transfer.Value, rest);
        BinaryPrimitives.WriteUInt64LittleEndian(rest[16..], epoch.ToUInt64());
        BinaryPrimitives.WriteUInt32LittleEndian(rest[24..], session.Value);
        rest[28] = (byte)role;
        sourceCertificateHash.CopyTo(rest[29..]);
        destinationCertificateHash.CopyTo(rest[61..]);
        connectionNonce.CopyTo(rest[93..]);
        return HMACSHA256.HashData(secret, input);
    }

    /// <summary>Compares two proofs in a time that does not depend on where they differ.</summary>
    public static bool Matches(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual) =>
        expected.Length == Length && CryptographicOperations.FixedTimeEquals(expected, actual);

    private static void RequireLength(ReadOnlySpan<byte> value, int length, string name)
    {
        if (value.Length != length)
        {
            throw new ArgumentException($"Want {length} bytes; got {value.Length}.", name);
        }
    }
}
