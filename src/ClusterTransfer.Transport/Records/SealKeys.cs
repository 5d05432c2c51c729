using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ClusterTransfer.Transport.Records;

/// <summary>The present key of one direction, its nonces, and the way to the next key. Not thread-safe.</summary>
/// <remarks>From the direction's secret, by HKDF-Expand with SHA-256 and a label padded with zero bytes to 32: key 32, IV 12, next secret 32.
/// A nonce is the IV, its last 8 bytes XOR the number of the record in its direction, big-endian. It counts on over all keys: were it to begin anew, the last records under a key could be left out unseen.</remarks>
internal sealed class SealKeys : IDisposable
{
    public const int LabelSize = 32;
    public const int TagSize = 16;
    private const int KeySize = 32;
    private const int NonceSize = 12;

    private readonly SealSuite _suite;
    private readonly SealLimits _limits;
    private readonly byte[] _secret;
    private readonly byte[] _iv = new byte[NonceSize];
    private AesGcm? _aes;
    private ChaCha20Poly1305? _chaCha;
    private ulong _number;              // over all keys; the next two are those of this key
    private ulong _records;
    private long _bytes;

    public SealKeys(SealContext context, bool fromDialler, SealLimits limits)
    {
        _suite = context.Suite;
        _limits = limits;
        _secret = context.DirectionSecret(fromDialler);
        Derive();
    }

    /// <summary>How many keys came before, modulo 2^16.</summary>
    public ushort Phase { get; private set; }

    /// <summary>Whether a record of so many bytes is still within what this key may seal.</summary>
    public bool HasRoomFor(int bytes) => _records < _limits.Records && _bytes <= _limits.Bytes - bytes;

    /// <summary>Goes on with the next key; the present one cannot be had back.</summary>
    public void Ratchet()
    {
        Expand("ClusterTransfer sealed 1 next", _secret);
        _aes?.Dispose();
        _chaCha?.Dispose();
        Derive();
        Phase++;
        (_records, _bytes) = (0, 0);
    }

    /// <summary>Seals the next record; ask <see cref="HasRoomFor"/> before.</summary>
    public void Encrypt(ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> header)
    {
        Span<byte> nonce = stackalloc byte[NonceSize];
        NextNonce(nonce, plaintext.Length);
        if (_aes is not null)
        {
            _aes.Encrypt(nonce, plaintext, ciphertext, tag, header);
        }
        else
        {
            _chaCha!.Encrypt(nonce, plaintext, ciphertext, tag, header);
        }
    }

    /// <summary>Opens the next record, also in place. False when it is not what was sealed as that; then there is no next one.</summary>
    public bool TryDecrypt(ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext, ReadOnlySpan<byte> header)
    {
        Span<byte> nonce = stackalloc byte[NonceSize];
        NextNonce(nonce, plaintext.Length);
        try
        {
            if (_aes is not null)
            {
                _aes.Decrypt(nonce, ciphertext, tag, plaintext, header);
            }
            else
            {
                _chaCha!.Decrypt(nonce, ciphertext, tag, plaintext, header);
            }

            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_secret);
        CryptographicOperations.ZeroMemory(_iv);
        _aes?.Dispose();
        _chaCha?.Dispose();
    }

    private void NextNonce(Span<byte> nonce, int bytes)
    {
        if (!HasRoomFor(bytes))
        {
            throw new InvalidOperationException("This key has sealed what it may.");
        }

        _iv.CopyTo(nonce);
        Span<byte> number = nonce[(NonceSize - sizeof(ulong))..];
        BinaryPrimitives.WriteUInt64BigEndian(number, BinaryPrimitives.ReadUInt64BigEndian(number) ^ _number);
        _number = checked(_number + 1);
        _records++;
        _bytes += bytes;
    }

    private void Derive()
    {
        Span<byte> key = stackalloc byte[KeySize];
        Expand("ClusterTransfer sealed 1 key", key);
        Expand("ClusterTransfer sealed 1 iv", _iv);
        (_aes, _chaCha) = _suite switch
        {
            SealSuite.Aes256Gcm => (new AesGcm(key, TagSize), (ChaCha20Poly1305?)null),
            SealSuite.ChaCha20Poly1305 => (null, new ChaCha20Poly1305(key)),
            _ => throw new InvalidOperationException($"There is no suite {_suite}."),
        };
        CryptographicOperations.ZeroMemory(key);
    }

    private void Expand(string label, Span<byte> output)
    {
        Span<byte> info = stackalloc byte[LabelSize];
        info.Clear();
        Encoding.ASCII.GetBytes(label, info);
        Span<byte> result = stackalloc byte[output.Length];
        HKDF.Expand(HashAlgorithmName.SHA256, _secret, result, info);   // the output may be the secret itself
        result.CopyTo(output);
        CryptographicOperations.ZeroMemory(result);
    }
}
