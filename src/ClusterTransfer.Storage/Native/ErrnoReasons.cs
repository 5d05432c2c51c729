using System.Runtime.InteropServices;
using ClusterTransfer.Model;

namespace ClusterTransfer.Storage.Native;

/// <summary>What an error number means to the user, which depends on the end it happened at.</summary>
internal static class ErrnoReasons
{
    /// <summary>The reason when the error came from reading a source.</summary>
    public static Reason AtSource(this Errno errno) => errno switch
    {
        Errno.None => Reason.None,
        Errno.NoEntry or Errno.NotAFolder => Reason.PathNotFound,
        Errno.NotPermitted or Errno.AccessDenied => Reason.SourceUnreadable,

        // openat2 answers so when a symbolic link or a mount leads out of the location.
        Errno.TooManySymbolicLinks or Errno.CrossDevice => Reason.NotPermitted,
        Errno.NameTooLong => Reason.NameRefused,
        Errno.InputOutput or Errno.Stale => Reason.DiskError,
        Errno.TooManyFiles or Errno.TooManyFilesInSystem or Errno.NoMemory => Reason.LimitReached,
        _ => Reason.Unclassified,
    };

    /// <summary>The reason when the error came from writing a destination.</summary>
    public static Reason AtDestination(this Errno errno) => errno switch
    {
        Errno.None => Reason.None,
        Errno.NoSpace => Reason.NoSpace,

        // Both say that waiting does not help: an operator has to raise a limit, or the file system cannot hold the file.
        Errno.QuotaExceeded => Reason.QuotaExceeded,
        Errno.FileTooBig => Reason.FileTooBig,
        Errno.NotPermitted or Errno.AccessDenied or Errno.ReadOnlyFileSystem => Reason.DestinationNotWritable,
        Errno.NoEntry => Reason.PathNotFound,

        // A link or a mount where a folder was expected: never followed.
        Errno.TooManySymbolicLinks or Errno.CrossDevice => Reason.NotPermitted,
        Errno.Exists or Errno.NotAFolder or Errno.IsAFolder or Errno.NotEmpty => Reason.DestinationExists,
        Errno.NameTooLong or Errno.Invalid => Reason.NameRefused,
        Errno.InputOutput or Errno.Stale => Reason.DiskError,
        Errno.TooManyFiles or Errno.TooManyFilesInSystem or Errno.NoMemory or Errno.TooManyLinks => Reason.LimitReached,
        _ => Reason.Unclassified,
    };

    /// <summary>The system's sentence for the number, such as "No space left on device".</summary>
    public static string Text(this Errno errno) => errno switch
    {
        Errno.TooManySymbolicLinks => "a symbolic link is in the way, which is never followed",
        Errno.CrossDevice => "it leads out of the location or to another file system",
        _ => Marshal.GetPInvokeErrorMessage((int)errno),
    };

    /// <summary>Throws when the result of an operation is an error.</summary>
    /// <exception cref="NativeException">The result is not <see cref="Errno.None"/>.</exception>
    public static void OrThrow(this Errno errno, string operation, NativeHandle at, ReadOnlySpan<byte> name = default)
    {
        if (errno != Errno.None)
        {
            throw new NativeException(errno, operation, at.Describe(name));
        }
    }
}
