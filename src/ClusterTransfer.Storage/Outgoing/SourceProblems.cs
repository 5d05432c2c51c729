using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Outgoing;

/// <summary>Sentences about sources.</summary>
internal static class SourceProblems
{
    /// <summary>What an error on a source means; the path is escaped already.</summary>
    public static Problem Of(Errno errno, string path) => errno switch
    {
        Errno.NoEntry => new Problem(Reason.PathNotFound, $"'{path}' does not exist."),
        Errno.NotAFolder or Errno.TooManySymbolicLinks => new Problem(Reason.PathNotFound, $"'{path}' leads through a file or a symbolic link, which is never followed."),
        _ => new Problem(errno.AtSource(), $"'{path}' cannot be read: {errno.Text()}."),
    };

    /// <summary>Something is not the file that was scanned.</summary>
    public static Problem Changed(SafeRelativePath path, string how) => new(Reason.SourceChanged, $"'{path}' {how}.");

    /// <summary>A file that was scanned and cannot be opened now.</summary>
    public static Problem OfScanned(Errno errno, SafeRelativePath path) => errno switch
    {
        Errno.NoEntry => Changed(path, "was removed after the scan"),
        Errno.NotAFolder or Errno.TooManySymbolicLinks => Changed(path, "or a folder above it was replaced after the scan"),

        // A socket, or a device that nobody drives: there is nothing to open under the name.
        Errno.NoDeviceOrAddress or Errno.NoDevice => Changed(path, "is no regular file any more"),
        _ => Of(errno, path.ToString()),
    };

    /// <summary>Whether the error says something about this node at this moment rather than about the file.</summary>
    public static bool IsShortage(Errno errno) => errno is Errno.TooManyFiles or Errno.TooManyFilesInSystem or Errno.NoMemory;
}
