using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.NodeJournal;

namespace ClusterTransfer.Storage.Tests.Native;

/// <summary>Stands before all calls of this thread until disposed: notes those that change the disk, and refuses or shortens what a test says.</summary>
internal sealed class ManualDisk : ISimulatedDisk, IDisposable
{
    private bool _isLooking;

    public ManualDisk() => NativeCalls.Simulate(this);

    /// <summary>The error instead of a call; none lets it through.</summary>
    public Func<NativeCall, string, Errno>? Refuse { get; set; }

    /// <summary>The error instead of opening something in that folder.</summary>
    public Func<string, Errno>? RefuseOpening { get; set; }

    /// <summary>What becomes of the next bytes, as <see cref="ISimulatedDisk.Transfer"/>.</summary>
    public Func<NativeCall, string, nint, nint>? Shorten { get; set; }

    /// <summary>Every call that was asked for, in order, also those that were refused. A number is soon used again; born at another time it is another file.</summary>
    public List<(NativeCall Call, string Path, StagedIdentity File)> Calls { get; } = [];

    public Errno Before(NativeCall call, NativeHandle on)
    {
        if (_isLooking)
        {
            return Errno.None;
        }

        _isLooking = true;
        Calls.Add((call, on.Display, StagedIdentity.Of(on.Status())));
        _isLooking = false;
        return Refuse?.Invoke(call, on.Display) ?? Errno.None;
    }

    public Errno Opening(NativeHandle folder) => RefuseOpening?.Invoke(folder.Display) ?? Errno.None;

    public nint Transfer(NativeCall call, NativeHandle on, nint wanted) => Shorten?.Invoke(call, on.Display, wanted) ?? wanted;

    public void Opened(NativeHandle handle)
    {
    }

    public void Dispose() => NativeCalls.Simulate(null);
}
