using ClusterTransfer.Model;

namespace ClusterTransfer.Node.Hosting;

/// <summary>Private folders of the node on its own disk.</summary>
internal static class StateFolder
{
    /// <summary>Makes the folder when missing, closes it to other users, and returns its absolute path.</summary>
    /// <exception cref="ClusterTransferException">It cannot be made; names it.</exception>
    public static string Open(string folder)
    {
        try
        {
            DirectoryInfo info = Directory.CreateDirectory(folder);
            if (!OperatingSystem.IsWindows())
            {
                info.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            }

            return info.FullName;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ClusterTransferException(
                Reason.DiskError, $"node.state-folder: '{PathText.Escape(folder)}' cannot be used: {error.Message}", error);
        }
    }
}
