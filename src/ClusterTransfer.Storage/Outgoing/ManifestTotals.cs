namespace ClusterTransfer.Storage.Outgoing;

/// <summary>What a scan has found so far.</summary>
/// <param name="Entries">Files, folders and links.</param>
/// <param name="Files">Files.</param>
/// <param name="Bytes">Bytes in the files.</param>
/// <param name="Chunks">Chunks that the files are moved in.</param>
public readonly record struct ManifestTotals(long Entries, long Files, long Bytes, long Chunks);
