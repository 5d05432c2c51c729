using System.Text;
using ClusterTransfer.Model;

namespace ClusterTransfer.Storage.Locations;

/// <summary>Names directly in a location that belong to us.</summary>
internal static class ReservedNames
{
    /// <summary>The private staging folder.</summary>
    public static ReadOnlySpan<byte> Staging => ".clustertransfer"u8;

    /// <summary>What the start-up probe renames into the location and removes at once.</summary>
    public static ReadOnlySpan<byte> Probe => ".clustertransfer.probe"u8;

    /// <summary>Whether a name in the location is one of ours.</summary>
    public static bool IsExactly(ReadOnlySpan<byte> name) => name.SequenceEqual(Staging) || name.SequenceEqual(Probe);

    /// <summary>Whether a path leads to one of ours, also as a file system that ignores case would see it.</summary>
    public static bool IsReserved(SafeRelativePath path)
    {
        int slash = path.Bytes.IndexOf((byte)'/');
        ReadOnlySpan<byte> first = slash < 0 ? path.Bytes : path.Bytes[..slash];
        return Ascii.EqualsIgnoreCase(first, Staging) || Ascii.EqualsIgnoreCase(first, Probe);
    }
}
