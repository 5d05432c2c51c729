using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Wire.Manifests;

/// <summary>How large the parts of a manifest may be.</summary>
public static class ManifestLimits
{
    /// <summary>Entries in a page.</summary>
    public const int MaxEntriesPerPage = 4096;

    /// <summary>Bytes of an encoded page.</summary>
    public const int MaxEncodedPage = FrameLimits.ManifestPageBody;

    /// <summary>Files in one packed chunk.</summary>
    public const int MaxPackMembers = 1024;

    /// <summary>Bytes of a link's target, as the kernel has it.</summary>
    public const int MaxLinkTarget = 4095;

    /// <summary>Holes that an entry may list; a source sends the pieces of further ones as data.</summary>
    public const int MaxHoles = 1024;

    /// <summary>Permission bits an entry may carry.</summary>
    public const int ModeMask = 0xFFF;

    /// <summary>Chunks of a page: 256 TiB in chunks of 16 MiB. It bounds the have-bits that a peer's page can make us hold to 2 MiB.</summary>
    public const int MaxChunksPerPage = 1 << 24;

    /// <summary>Chunks of a transfer. The highest index means "no chunk" in a Nack.</summary>
    public const uint MaxChunks = uint.MaxValue;
}
