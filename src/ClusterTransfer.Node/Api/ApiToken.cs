using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ClusterTransfer.Model;

namespace ClusterTransfer.Node.Api;

/// <summary>The secret a client shows to a node's API: 32 random bytes as base64url in a file that only the node's user can read.</summary>
public sealed class ApiToken
{
    private const int SecretLength = 32;
    private const int MaxFileLength = 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // Of the text, so that comparing takes the same time for every guess, whatever its length.
    private readonly byte[] _hash;

    /// <summary>A token with a known text.</summary>
    public ApiToken(string text) => _hash = Hash(text);

    /// <summary>Reads the token, or makes one when there is no file.</summary>
    /// <param name="file">Its path; the folder must exist.</param>
    /// <exception cref="ClusterTransferException">The file cannot be read or written, others can read it, or it holds no token.</exception>
    public static ApiToken LoadOrCreate(string file)
    {
        try
        {
            return TryCreate(file) ?? Load(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ClusterTransferException(
                Reason.NotPermitted, $"The token file {PathText.Escape(file)} cannot be read or made: {error.Message} Check its folder and owner.", error);
        }
    }

    /// <summary>Whether a client's token is this one, in constant time.</summary>
    public bool Matches(string candidate) => CryptographicOperations.FixedTimeEquals(_hash, Hash(candidate));

    private static ApiToken? TryCreate(string file)
    {
        if (File.Exists(file))
        {
            return null;
        }

        string text = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretLength));

        // Written aside and linked in place: a client that starts at the same moment sees the whole token or none.
        string temporary = $"{file}.{Guid.NewGuid():N}.tmp";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerOnly;
            }

            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(Encoding.ASCII.GetBytes(text + "\n"));
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, file, overwrite: false);
        }
        catch (IOException) when (File.Exists(file))
        {
            return null;   // another process made one since we looked: that one counts
        }
        finally
        {
            File.Delete(temporary);
        }

        return new ApiToken(text);
    }

    private static ApiToken Load(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(stream.SafeFileHandle) & ~(OwnerOnly | UnixFileMode.UserExecute)) != 0)
        {
            throw new ClusterTransferException(
                Reason.NotPermitted, $"Others can read the token file {PathText.Escape(file)}: run 'chmod 600 {PathText.Escape(file)}', or delete it and a new one is made.");
        }

        byte[] bytes = new byte[MaxFileLength];
        int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        string text = Encoding.ASCII.GetString(bytes, 0, length).Trim();
        byte[] secret = new byte[MaxFileLength];
        if (!Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, secret, out int decoded) || decoded != SecretLength)
        {
            throw new ClusterTransferException(
                Reason.NotPermitted, $"The token file {PathText.Escape(file)} holds no token: delete it and a new one is made.");
        }

        return new ApiToken(text);
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
