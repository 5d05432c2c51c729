using System.Text;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Contexts;

/// <summary>Files that hold one token and are nobody else's business.</summary>
internal static class TokenFile
{
    /// <summary>Most bytes of a token.</summary>
    public const int MaxBytes = 1024;

    private const UnixFileMode OfOthers =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Reads the token.</summary>
    /// <param name="file">Absolute path; also of a descriptor, such as <c>/dev/fd/3</c>.</param>
    /// <param name="saidBy">Who named the file.</param>
    /// <exception cref="CliException">It cannot be read, others can read it, or it holds no token.</exception>
    public static Token Read(string file, string saidBy)
    {
        string shown = PathText.Escape(file);
        try
        {
            using FileStream stream = File.OpenRead(file);
            if (ReadableByOthers(stream))
            {
                throw new CliException(
                    Reason.NotPermitted, $"Others can read the token file {shown}.", $"Run 'chmod 600 {shown}'; if it was so for long, delete the node's own file and start the node: it makes a new token.");
            }

            byte[] bytes = new byte[MaxBytes + 1];
            int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return Token.Of(length > MaxBytes ? string.Empty : Encoding.UTF8.GetString(bytes, 0, length), $"The token file {shown}", shown);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CliException(
                Reason.NotAuthenticated,
                $"The token file {shown} ({saidBy}) cannot be read: {PathText.Escape(error.Message)}",
                "Give the node's token with --token-file or CT_TOKEN_FILE; the node makes it at its first start.");
        }
    }

    /// <summary>Whether the file will be there next time: a descriptor or a pipe will not.</summary>
    public static bool IsLasting(string file)
    {
        using FileStream stream = File.OpenRead(file);
        return stream.CanSeek && !file.StartsWith("/dev/", StringComparison.Ordinal) && !file.StartsWith("/proc/", StringComparison.Ordinal);
    }

    // Of pipes and descriptors the mode tells nothing: who has them was given them.
    private static bool ReadableByOthers(FileStream stream) =>
        !OperatingSystem.IsWindows() && stream.CanSeek && (File.GetUnixFileMode(stream.SafeFileHandle) & OfOthers) != 0;
}
