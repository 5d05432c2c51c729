namespace ClusterTransfer.Storage.NodeJournal;

/// <summary>A flush of the node journal failed, so nobody knows what of it is on disk. The process must stop; recovery decides at the next start.</summary>
/// <remarks>The same journal is never flushed again by this process: a second flush may succeed without having written what the first one lost.</remarks>
public sealed class JournalFlushException(string detail, Exception? inner = null) : Exception(detail, inner);
