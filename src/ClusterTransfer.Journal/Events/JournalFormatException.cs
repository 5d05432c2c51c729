using ClusterTransfer.Model;

namespace ClusterTransfer.Journal;

/// <summary>A stored row cannot be read: its stream stops here and needs a person; other streams are not touched.</summary>
/// <remarks>Reason <see cref="Reason.VersionMismatch"/> when a newer version wrote it, <see cref="Reason.DiskError"/> when it is damaged.</remarks>
public sealed class JournalFormatException : ClusterTransferException
{
    /// <summary>Makes the exception for one row.</summary>
    public JournalFormatException(string stream, long sequence, Reason reason, string what, Exception? inner = null)
        : base(reason, $"Stream '{stream}', row {sequence}, {what}.", inner)
    {
        Stream = stream;
        Sequence = sequence;
    }

    /// <summary>The stream, which is the persistence id.</summary>
    public string Stream { get; }

    /// <summary>The sequence number of the row.</summary>
    public long Sequence { get; }
}
