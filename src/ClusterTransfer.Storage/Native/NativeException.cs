using ClusterTransfer.Model;

namespace ClusterTransfer.Storage.Native;

/// <summary>A system call failed: which, on what, and why. Turned into a <see cref="Problem"/> where it is known at which end of a transfer that was.</summary>
internal sealed class NativeException(Errno errno, string operation, string path)
    : Exception($"Could not {operation} '{path}': {errno.Text()}.")
{
    /// <summary>The system's error number.</summary>
    public Errno Errno { get; } = errno;

    /// <summary>What was tried, as a verb: "open", "flush".</summary>
    public string Operation { get; } = operation;

    /// <summary>On what, escaped for showing.</summary>
    public string Path { get; } = path;

    /// <summary>As seen by someone who reads a source.</summary>
    public Problem AtSource() => new(Errno.AtSource(), Message);

    /// <summary>As seen by someone who writes a destination.</summary>
    public Problem AtDestination() => new(Errno.AtDestination(), Message);
}
