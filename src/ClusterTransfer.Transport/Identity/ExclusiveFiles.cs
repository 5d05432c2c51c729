using System.Text;
using ClusterTransfer.Model;

namespace ClusterTransfer.Transport.Identity;

/// <summary>Writes a key and its certificate as new files, both or none; never over an existing one.</summary>
internal static class ExclusiveFiles
{
    private const UnixFileMode Secret = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Public = Secret | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <exception cref="ClusterTransferException">A file exists already, or the folder cannot be written.</exception>
    public static void WritePair(string keyFile, string keyPem, string certificateFile, string certificatePem)
    {
        foreach (string file in (string[])[keyFile, certificateFile])
        {
            if (Path.Exists(file))
            {
                throw new ClusterTransferException(Reason.DestinationExists,
                    $"'{file}' exists already and is not overwritten: move it away first, or choose another folder.");
            }
        }

        List<string> written = [];
        try
        {
            CreateFolder(Path.GetDirectoryName(keyFile)!);
            Write(keyFile, keyPem, Secret, written);
            Write(certificateFile, certificatePem, Public, written);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A key without its certificate would block the next attempt.
            written.ForEach(File.Delete);
            throw new ClusterTransferException(Reason.NotPermitted,
                $"Cannot write '{keyFile}' and '{certificateFile}': {error.Message}", error);
        }
    }

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, Secret | UnixFileMode.UserExecute);
        }
    }

    private static void Write(string file, string text, UnixFileMode mode, List<string> written)
    {
        // CreateNew is O_EXCL and the mode is given to open: the key is never readable by others, not even for a moment.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        using var stream = new FileStream(file, options);
        written.Add(file);
        stream.Write(Encoding.ASCII.GetBytes(text));
        stream.Flush(flushToDisk: true);
    }
}
