using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Tests.Incoming.Recovery.CrashStates;

/// <summary>Gives the files of a disk that was built from a log the identities that they had in it, as they would have on the disk that crashed.</summary>
internal sealed class FoundDisk : ISimulatedDisk, IDisposable
{
    private readonly IReadOnlyDictionary<(ulong Inode, long Born), FileStatus> _identities;

    public FoundDisk(IReadOnlyDictionary<(ulong Inode, long Born), FileStatus> identities)
    {
        _identities = identities;
        NativeCalls.Simulate(this);
    }

    public Errno Before(NativeCall call, NativeHandle on) => Errno.None;

    public void Opened(NativeHandle handle)
    {
    }

    public FileStatus Seen(in FileStatus status) => _identities.TryGetValue((status.Inode, status.BornNs), out FileStatus known)
        ? status with { Device = known.Device, Inode = known.Inode, BornNs = known.BornNs }
        : status;

    public void Dispose() => NativeCalls.Simulate(null);
}
