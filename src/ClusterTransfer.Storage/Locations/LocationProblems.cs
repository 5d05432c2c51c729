using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Locations;

/// <summary>Sentences for an operator whose location cannot be opened: location, folder, cause, remedy.</summary>
internal static class LocationProblems
{
    /// <summary>What an error while opening means.</summary>
    public static Problem Describe(LocationOptions options, NativeException error)
    {
        Reason reason = options.ReadOnly ? error.Errno.AtSource() : error.Errno.AtDestination();
        string remedy = error.Errno switch
        {
            Errno.NoEntry => $"Create the folder or correct locations.{options.Name}.folder.",
            Errno.NotAFolder => $"Set locations.{options.Name}.folder to a folder.",
            Errno.NotPermitted or Errno.AccessDenied => options.ReadOnly
                ? "Let the node's user read it."
                : $"Let the node's user write there, or set locations.{options.Name}.read-only = true.",
            Errno.ReadOnlyFileSystem => $"Mount it writable, or set locations.{options.Name}.read-only = true.",
            Errno.NoSpace or Errno.QuotaExceeded => "Free some space there.",
            Errno.NoSystemCall => "This system has no openat2: Linux 5.6 or newer is needed, and a container must permit the call.",
            _ => "Check the disk and the kernel log.",
        };
        return new Problem(
            error.Errno == Errno.NotAFolder ? Reason.PathNotFound : reason, $"Location {options.Name} ({PathText.Escape(options.Folder)}): {error.Message} {remedy}");
    }
}
