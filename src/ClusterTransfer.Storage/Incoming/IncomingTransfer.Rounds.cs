using ClusterTransfer.Model;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Incoming;

/// <content>Rounds: an ended transfer is taken up again, with its manifest or with a new one. Rows R of docs/recovery.md.</content>
public sealed partial class IncomingTransfer
{
    private bool WantsNewManifest => _options.Rescan && _options.Round > _state.Round && !_state.IsCancelled;

    // Row R1. The one record opens the entries again, so that there is no half of a round; what follows only spares the source some chunks.
    private void BeginRound()
    {
        Fault("round.before");
        HashSet<uint>? only = _selection is null ? null : [.. SettledOf(_selection)];
        _journal.Append(only is null ? new JournalBatch().RoundBegan(_options.Round) : new JournalBatch().RoundBegan(_options.Round, only), flush: true);
        Fault("round.after");
        List<uint> reopened = [];
        _state.ApplyRound(_options.Round, only, (entry, was) =>
        {
            // A folder that was given up may be one we made; its mode and times are still ours to set.
            if (was == EntryState.Skipped || EntryOf(entry).Kind != EntryKind.Folder)
            {
                reopened.Add(entry);
            }
        });
        DecideAgain(reopened);
    }

    private IEnumerable<uint> SettledOf(EntrySelection selection)
    {
        for (int number = 0; number < _state.Pages.Count; number++)
        {
            IncomingPage page = _state.Pages[number];
            for (uint entry = page.FirstEntry; entry < page.FirstEntry + (uint)page.EntryCount; entry++)
            {
                if (page.StateOf(entry) is EntryState.Skipped or EntryState.Parked && selection.Has(EntryOf(entry)))
                {
                    yield return entry;
                }
            }
        }
    }

    // What is still in the way of an entry would only be found after its last byte.
    private void DecideAgain(List<uint> entries)
    {
        using var probe = new DestinationProbe(_location.Root);
        const int appendEach = 1024;
        foreach (uint[] some in entries.Chunk(appendEach))
        {
            var outcome = new PageOutcome();
            foreach (uint index in some)
            {
                Decide(index, EntryOf(index), probe, outcome);
            }

            var batch = new JournalBatch();
            outcome.AddTo(batch);
            if (batch.Count > 0)
            {
                _journal.Append(batch, flush: false); // when it is lost the rename decides
                outcome.ApplyTo(_state);
            }
        }
    }

    // Row R2. A new log with nothing of the manifest but what it put in place takes the old one's name in one step. Staged files of the old manifest are then
    // nobody's: row F2.
    private void BeginAnew()
    {
        Fault("round.before");
        using IJournalMedium replaced = StagingSession.Replace(_staging, _id, _options, medium =>
        {
            NodeJournalLog log = NodeJournalLog.Create(medium, _id);
            var start = new JournalBatch().Begun(_folder, _options.Conflict, _options.Durability).EpochRaised(_state.HighestEpoch).RoundBegan(_options.Round);
            log.Append(start, flush: false);
            foreach (byte[] part in EarlierFiles.ToParts(_state.Earlier.With(_state.Pages)))
            {
                log.Append(new JournalBatch().Add(JournalRecordType.PlacedBefore, part), flush: false);
            }

            log.Flush();
            Fault("round.written");
        });
        Fault("round.after");
    }
}
