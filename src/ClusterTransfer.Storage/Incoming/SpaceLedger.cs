using System.Runtime.CompilerServices;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Locations;

namespace ClusterTransfer.Storage.Incoming;

/// <summary>Bytes that the open transfers of one location have promised to their files and not yet taken from the disk. Thread-safe.</summary>
internal sealed class SpaceLedger
{
    private static readonly ConditionalWeakTable<Location, SpaceLedger> Ledgers = [];

    private readonly Lock _gate = new();
    private long _reserved;

    public static SpaceLedger Of(Location location) => Ledgers.GetOrCreateValue(location);

    /// <summary>Promises the bytes when they are free beyond all other promises and the margin.</summary>
    public Problem? TryReserve(long bytes, long freeBytes, long margin, Location location)
    {
        lock (_gate)
        {
            long available = freeBytes - _reserved - margin;
            if (bytes > available)
            {
                return new Problem(
                    Reason.NoSpace,
                    $"{bytes} more bytes are needed at location '{location.Name}' ('{PathText.Escape(location.Folder)}'), {Math.Max(0, available)} are free: "
                    + $"{freeBytes} of the file system, less {_reserved} promised to other files and {margin} that stay free.");
            }

            _reserved += bytes;
            return null;
        }
    }

    /// <summary>Promises bytes without a look at what is free: what was promised and taken before is wanted once more.</summary>
    public void Reserve(long bytes)
    {
        lock (_gate)
        {
            _reserved += bytes;
        }
    }

    public void Release(long bytes)
    {
        lock (_gate)
        {
            _reserved = Math.Max(0, _reserved - bytes);
        }
    }
}
