using ClusterTransfer.Model;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Incoming;

/// <summary>Rebuilds what the journal says, record by record.</summary>
internal static class JournalReplay
{
    /// <summary>Applies one record.</summary>
    /// <param name="state">Changed.</param>
    /// <param name="record">From a scan of the log.</param>
    /// <param name="onChunkDurable">Gets each durable chunk with its value.</param>
    public static void Apply(TransferState state, JournalRecord record, Action<uint, Digest>? onChunkDurable)
    {
        switch (record.Type)
        {
            case JournalRecordType.Begun:
                if (JournalReader.TryBegun(record.Payload, out SafeRelativePath? folder, out ConflictPolicy conflict, out DurabilityLevel durability))
                {
                    (state.Folder, state.Conflict, state.Durability) = (folder, conflict, durability);
                }

                break;
            case JournalRecordType.EpochRaised:
                Epoch epoch = JournalReader.Epoch(record.Payload);
                state.HighestEpoch = epoch > state.HighestEpoch ? epoch : state.HighestEpoch;
                break;
            case JournalRecordType.RoundBegan:
                state.ApplyRound(JournalReader.Round(record.Payload), only: null, onReopened: null);
                break;
            case JournalRecordType.RoundBeganFor:
                var only = new HashSet<uint>();
                JournalReader.Entries(record.Payload.Length < sizeof(int) ? [] : record.Payload[sizeof(int)..], entry => only.Add(entry));
                state.ApplyRound(JournalReader.Round(record.Payload), only, onReopened: null);
                break;
            case JournalRecordType.PlacedBefore:
                state.Earlier.Add(record.Payload, record.PayloadOffset);
                break;
            case JournalRecordType.PageAccepted:
                ApplyPage(state, record);
                break;
            case JournalRecordType.FoldersMerged:
                JournalReader.Entries(record.Payload, state.ApplyFolderMerged);
                break;
            case JournalRecordType.Sealed:
                state.ApplySeal(record.Payload);
                break;
            case JournalRecordType.ChunksDurable:
                JournalReader.Values(record.Payload, (chunk, value) =>
                {
                    state.ApplyChunkDurable(chunk);
                    if (state.IsDurable(chunk))
                    {
                        onChunkDurable?.Invoke(chunk, value);
                    }
                });
                break;
            case JournalRecordType.ChunksLost:
                JournalReader.Ranges(record.Payload, range => state.ApplyChunksLost(range));
                break;
            case JournalRecordType.FilesUnverified:
                JournalReader.Entries(record.Payload, state.ApplyUnverified);
                break;
            case JournalRecordType.SourceDone:
                JournalReader.Values(record.Payload, state.ApplySourceDone);
                break;
            case JournalRecordType.FilesVerified:
                JournalReader.Verified(record.Payload, file => state.ApplyVerified(file));
                break;
            case JournalRecordType.FilesCompleted:
                JournalReader.Entries(record.Payload, state.ApplyCompleted);
                break;
            case JournalRecordType.FilesUndone:
                JournalReader.Entries(record.Payload, state.ApplyUndone);
                break;
            case JournalRecordType.EntriesSettled:
                JournalReader.Settled(record.Payload, settled => state.ApplySettled(settled));
                break;
            case JournalRecordType.Finished:
                state.IsFinished = true;
                break;
            case JournalRecordType.Cancelled:
                state.IsCancelled = true;
                break;
            default:
                break; // Clean says something only as the last record, which the scan reports.
        }
    }

    // A page after a lost one does not chain any more and is left out, and with it all that later records say of its entries.
    private static void ApplyPage(TransferState state, JournalRecord record)
    {
        if (ManifestCodec.TryDecode(record.Payload, out ManifestPage? page, out _) && state.CheckNext(page) is null)
        {
            state.ApplyPage(page, new PagePlan(page), ManifestCodec.HashOf(record.Payload), record.PayloadOffset, record.Payload.Length);
        }
    }
}
