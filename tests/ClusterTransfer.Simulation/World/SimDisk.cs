using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Simulation.World;

/// <summary>Between the processes of a run and the disk: a dead process reaches nothing any more, and the run's faults are asked before each call.</summary>
internal sealed class SimDisk(SimWorld world) : ISimulatedDisk
{
    /// <summary>Asked before each call of a live process.</summary>
    public Func<SimProcess, NativeCall, NativeHandle, Errno>? Fault { get; set; }

    /// <summary>Asked before a live process opens something that is there.</summary>
    public Func<SimProcess, Errno>? OpenFault { get; set; }

    /// <summary>Bytes that are free for a live process; null for as many as anybody wants.</summary>
    public Func<SimProcess, long?>? Free { get; set; }

    public FreeSpace? FreeSpace(NativeHandle on)
    {
        const long plenty = 1L << 40;
        return new FreeSpace((world.Current is { } process ? Free?.Invoke(process) : null) ?? plenty, plenty, HasRoomForFiles: true);
    }

    public Errno Before(NativeCall call, NativeHandle on)
    {
        if (world.Current is not { } process)
        {
            return Errno.None;
        }

        Errno errno = process.IsDead ? Errno.InputOutput : Fault?.Invoke(process, call, on) ?? Errno.None;
        return process.IsDead ? Errno.InputOutput : errno;
    }

    public Errno Opening(NativeHandle folder) =>
        world.Current is { IsDead: false } process ? OpenFault?.Invoke(process) ?? Errno.None : Errno.None;

    public void Opened(NativeHandle handle) => world.Current?.Opened(handle);
}
