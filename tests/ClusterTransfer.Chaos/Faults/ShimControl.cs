using System.IO.MemoryMappedFiles;
using System.Text;
using ClusterTransfer.Chaos.Harness;

namespace ClusterTransfer.Chaos.Faults;

/// <summary>The test's end of the preload shim: memory that the test and the node share, so that a fault can be set while the node runs and counts survive its kill -9.</summary>
internal sealed class ShimControl : IDisposable
{
    private const int Size = 4096;
    private const ulong Magic = 0x314d494853544346;
    private const int NameOffset = 72;
    private const int NameSize = 184;
    private const int KindsOffset = NameOffset + NameSize;

    private readonly string _folder;
    private readonly string _file;
    private readonly MemoryMappedFile _mapped;
    private readonly MemoryMappedViewAccessor _view;

    /// <param name="file">The control file to make.</param>
    /// <param name="folder">Calls beneath it are counted.</param>
    public ShimControl(string file, string folder)
    {
        _file = file;
        _folder = folder;
        File.WriteAllBytes(file, new byte[Size]);
        _mapped = MemoryMappedFile.CreateFromFile(file, FileMode.Open);
        _view = _mapped.CreateViewAccessor(0, Size);
        _view.Write(0, Magic);
        Set(ShimFault.None);
    }

    /// <summary>Counted calls since the fault was set.</summary>
    public ulong Counter => _view.ReadUInt64(48);

    /// <summary>Calls that were hit since it was set.</summary>
    public ulong Fired => _view.ReadUInt64(56);

    /// <summary>The last one that was.</summary>
    public ShimCall FiredCall => (ShimCall)_view.ReadUInt64(64);

    /// <summary>The environment of a node that is to be under it.</summary>
    public IEnumerable<(string Name, string Value)> Environment(string? logFile = null)
    {
        yield return ("LD_PRELOAD", ShimLibrary.Find());
        yield return ("CT_SHIM_CONTROL", _file);
        yield return ("CT_SHIM_PREFIX", _folder);
        if (logFile is not null)
        {
            yield return ("CT_SHIM_LOG", logFile);
        }
    }

    /// <summary>How many calls of a kind there were since the fault was set, whether it is about them or not.</summary>
    public ulong CountOf(ShimCall call) => _view.ReadUInt64(KindsOffset + (8 * (int)call));

    /// <summary>Sets the fault and begins to count anew.</summary>
    public void Set(ShimFault fault)
    {
        Disarm();
        byte[] name = new byte[NameSize];
        Encoding.ASCII.GetBytes(fault.Name, name);
        _view.Write(16, fault.First);
        _view.Write(24, fault.Repeat);
        _view.Write(32, fault.Argument);
        _view.Write(40, fault.Calls);
        _view.Write(48, 0UL);
        _view.Write(56, 0UL);
        _view.WriteArray(NameOffset, name, 0, name.Length);
        foreach (ShimCall call in Enum.GetValues<ShimCall>())
        {
            _view.Write(KindsOffset + (8 * (int)call), 0UL);
        }

        // The mode last: until then nothing is hit.
        Thread.MemoryBarrier();
        _view.Write(8, (ulong)fault.Mode);
    }

    /// <summary>From here on calls are only counted; the counts stay.</summary>
    public void Disarm()
    {
        _view.Write(8, (ulong)ShimMode.Count);
        Thread.MemoryBarrier();
    }

    public void Dispose()
    {
        _view.Dispose();
        _mapped.Dispose();
    }
}

/// <summary>The compiled shim.</summary>
internal static class ShimLibrary
{
    /// <summary>Environment <c>CT_FAULT_SHIM</c>, else <c>artifacts/faults/faultshim.so</c>. Skips the test when there is none.</summary>
    public static string Find() => Artifact.Find("CT_FAULT_SHIM", "the preload shim", "faults", "faultshim.so");
}
