using ClusterTransfer.Model;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Incoming;

/// <content>What the source may forget, and what a node without a session does when the transfer is over.</content>
public sealed partial class IncomingTransfer
{
    /// <summary>Files of a page with chunks of their own that have their outcome: the source need not vouch for them any more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The page is not accepted.</exception>
    public IReadOnlyList<EntryIndex> FinalFilesOf(int page)
    {
        lock (_gate)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(page);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(page, _state.Pages.Count);
            IncomingPage of = _state.Pages[page];
            LoadedPage loaded = _state.Pages.Load(of);
            var final = new List<EntryIndex>();
            for (int i = 0; i < of.EntryCount; i++)
            {
                uint index = of.FirstEntry + (uint)i;
                ManifestEntry entry = loaded.Page.Entries[i];
                if (entry.Kind == EntryKind.File && entry.Size >= loaded.Page.BaseChunkSize && of.StateOf(index) != EntryState.Pending)
                {
                    final.Add(new EntryIndex(index));
                }
            }

            return final;
        }
    }

    /// <summary>Those of some entries that have their outcome, whichever; also those that no accepted page holds.</summary>
    public IReadOnlyList<EntryIndex> FinalOf(IReadOnlyList<EntryIndex> entries)
    {
        lock (_gate)
        {
            return [.. entries.Where(entry => _state.StateOf(entry.Value) != EntryState.Pending)];
        }
    }

    /// <summary>Removes everything this location knows of a transfer that no session has open; nothing when it knows nothing.</summary>
    /// <exception cref="ClusterTransferException">The disk refused.</exception>
    public static void Forget(Location location, TransferId id)
    {
        PutBackUndone(location, id);
        StagingSession.Remove(location, id);
    }

    // A file that was told at level received and lies under its staging name again, after a power cut, must not go with the folder: row F18.
    private static void PutBackUndone(Location location, TransferId id)
    {
        if (StagingSession.FindUndone(location, id) is { Folder: { } folder } told)
        {
            var options = new IncomingOptions { Conflict = told.Conflict, Durability = told.Durability };
            using IncomingTransfer transfer = Open(location, folder, id, told.HighestEpoch, options, TimeProvider.System);
            if (told.IsFinished)
            {
                transfer.Finish();
            }
        }
    }
}
