namespace ClusterTransfer.Storage.Incoming;

/// <summary>What the journal says of an entry; one byte each in memory.</summary>
internal enum EntryState : byte
{
    /// <summary>No outcome yet.</summary>
    Pending,

    /// <summary>Flushed under its staging name, root compared; the rename is decided.</summary>
    Verified,

    /// <summary>Under its final name.</summary>
    Published,

    /// <summary>Left alone by policy.</summary>
    Skipped,

    /// <summary>Given up.</summary>
    Parked,

    /// <summary>A folder that was there before us: its mode and times stay.</summary>
    Merged,
}
