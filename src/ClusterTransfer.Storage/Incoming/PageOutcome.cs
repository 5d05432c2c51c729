using ClusterTransfer.Storage.NodeJournal;

namespace ClusterTransfer.Storage.Incoming;

/// <summary>What entries meet at the destination before anything of them is sent.</summary>
internal sealed class PageOutcome
{
    private readonly HashSet<uint> _withOutcome = [];
    private readonly List<SettledEntry> _settled = [];
    private readonly List<uint> _adopted = [];

    /// <summary>Folders that were there before us.</summary>
    public List<uint> Merged { get; } = [];

    /// <summary>The entry will not be delivered.</summary>
    public void Settle(SettledEntry settled)
    {
        _settled.Add(settled);
        _withOutcome.Add(settled.Entry);
    }

    /// <summary>An earlier round put in place just what the entry asks for.</summary>
    public void Adopt(uint entry)
    {
        _adopted.Add(entry);
        _withOutcome.Add(entry);
    }

    /// <summary>Whether nothing of the entry is wanted.</summary>
    public bool HasOutcome(uint entry) => _withOutcome.Contains(entry);

    public void AddTo(JournalBatch batch)
    {
        Merged.ForEach(entry => batch.FolderMerged(entry));
        _adopted.ForEach(entry => batch.FileCompleted(entry));
        _settled.ForEach(settled => batch.EntrySettled(settled));
    }

    public void ApplyTo(TransferState state)
    {
        Merged.ForEach(state.ApplyFolderMerged);
        _adopted.ForEach(state.ApplyCompleted);
        _settled.ForEach(settled => state.ApplySettled(settled));
    }
}
