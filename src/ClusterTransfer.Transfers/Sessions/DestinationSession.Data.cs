using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Model.Faults;
using ClusterTransfer.Model.Stages;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Sessions;

// Pages, chunks, checkpoints and publication. Blocking steps run one after the other on the lane; chunks are written beside them.
internal sealed partial class DestinationSession
{
    private const int ReverifyBatch = 16;

    private bool _uncommitted;
    private bool _checkpointRunning;

    // Payload bytes that a kill would cost: written since the last checkpoint began, and taken by the one that runs.
    private long _openBytes;

    private readonly EarlyAcks _acks = new();
    private bool _publishing;
    private bool _publishAgain;

    // Files the source has vouched for and not heard the outcome of.
    private readonly HashSet<EntryIndex> _vouchedFor = [];

    // The transfer's policy and this node's own limit: whichever is stricter.
    private long CheckpointBytes => Math.Min(Services.Options.CheckpointBytes, Policies.Checkpoint.Bytes);

    private TimeSpan CheckpointInterval => Services.Options.CheckpointInterval < Policies.Checkpoint.Interval ? Services.Options.CheckpointInterval : Policies.Checkpoint.Interval;

    private void AcceptPage(SessionProtocol.ControlFrame frame)
    {
        int number = (int)Math.Min(int.MaxValue, frame.Header.Entry.Value);
        StepFor<object>(
            frame,
            "accepting a manifest page",
            () =>
            {
                // An empty body asks about a page that an earlier session brought.
                bool asks = frame.Body.Length == 0;
                if (number > _incoming!.PagesAccepted || (asks && number == _incoming.PagesAccepted))
                {
                    return new DestinationProtocol.PageEarly(frame.From, frame.Header.Entry);
                }

                if (!asks && _incoming.AcceptPage(frame.Body).Problem is { } problem)
                {
                    return new DestinationProtocol.PageRefused(problem);
                }

                return new DestinationProtocol.PageAnswered(frame.From, number, _incoming.HaveBitsOf(number), _incoming.FinalFilesOf(number));
            },
            answer => answer);
    }

    // No fault of the page: connections have no order between them, so what came before it may still be on its way.
    private void OnPageEarly(DestinationProtocol.PageEarly early) => early.From.Send(Frame(
        FrameType.Nack,
        new NackBody(NackReason.NotReady, "the manifest page before it is missing", default, default).ToArray(),
        entry: early.Page.Value,
        chunk: NackBody.NoChunk.Value));

    private void OnPageAnswered(DestinationProtocol.PageAnswered answer)
    {
        // The files first: of those the source need not prove anything any more.
        TellFinal(answer.From, answer.Final);
        foreach (HaveBitsBody part in HaveBitsBody.Split(answer.Page, answer.Held.FirstChunk, answer.Held.Count, answer.Held.Bits))
        {
            answer.From.Send(Frame(FrameType.HaveBits, part.ToArray()));
        }

        FinishWhenComplete();
    }

    private void OnChunkHandled(DestinationProtocol.ChunkHandled handled)
    {
        TransferMeters.ReceivedChunks.Add(1, new KeyValuePair<string, object?>("outcome", handled.Result.Outcome.ToString().ToLowerInvariant()));
        switch (handled.Result.Outcome)
        {
            case ChunkWriteOutcome.Stored or ChunkWriteOutcome.Duplicate or ChunkWriteOutcome.NotWanted:
                _lost.Remove(handled.Chunk);
                _uncommitted = true;
                _openBytes += handled.Result.Outcome == ChunkWriteOutcome.Stored ? handled.Length : 0;
#if TEETH
                if (Tooth.Bites("ack-before-flush"))
                {
                    handled.From.Send(Frame(FrameType.Ack, new AckBody([handled.Chunk.Value]).ToArray(), FrameFlags.Durable));
                }

#endif
                CheckpointWhenDue(force: false);
                if (handled.Result.Outcome == ChunkWriteOutcome.Stored)
                {
                    // What is here already was not looked at, so it proves nothing: else a peer could send it to be forgiven.
                    handled.From.Judge(damage: null);
                }

                AckWhenThereIsRoom(handled.From, handled.Chunk, handled.Result.Outcome == ChunkWriteOutcome.Stored ? handled.Length : 0);
                break;
            case ChunkWriteOutcome.Failed:
                EndFor(handled.Result.Problem!);
                break;
            default:
                Nack(handled);
                break;
        }
    }

    private void AckWhenThereIsRoom(ConnectionHandle from, ChunkIndex chunk, int length)
    {
        bool isFirst = _acks.IsEmpty;
        switch (_acks.Offer(from, chunk, length, CheckpointBytes, Services.Time.GetTimestamp()))
        {
            case AckVerdict.Send:
                from.Send(Frame(FrameType.Ack, new AckBody([chunk.Value]).ToArray()));
                break;
            case AckVerdict.TooMany:
                from.Actor.Tell(new ConnectionProtocol.GiveUp(new Problem(
                    Reason.ProtocolViolation, $"{Command.Peer} sent more than {EarlyAcks.MaxOfConnection} chunks without waiting for their acknowledgement.")));
                break;
            default:
                if (isFirst)
                {
                    HoldAcksNotForEver();
                }

                CountHeldAcks();
                break;
        }
    }

    private void ReleaseAcks()
    {
        SendAcks(_acks.TakeAll());
        CountHeldAcks();
    }

    private void CountHeldAcks() => _stages.Set(ChunkPhase.Flush, _acks.Count);

    // The source takes a chunk that is never answered for lost, and a connection with several of them for dead. It counts from when it sent the chunk, however many
    // flushes that one is held through.
    private void HoldAcksNotForEver()
    {
        if (_acks.HeldSince is not { } since)
        {
            Timers.Cancel(DestinationProtocol.CheckpointSlow.Instance);
            return;
        }

        TimeSpan left = (Policies.Acknowledgement.Timeout / 2) - Services.Time.GetElapsedTime(since);
        Timers.StartSingleTimer(
            DestinationProtocol.CheckpointSlow.Instance, DestinationProtocol.CheckpointSlow.Instance, left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    private void SendAcks(IReadOnlyList<(ConnectionHandle To, AckBody Body)> acks)
    {
        foreach ((ConnectionHandle to, AckBody body) in acks)
        {
            to.Send(Frame(FrameType.Ack, body.ToArray()));
        }
    }

    private void Nack(DestinationProtocol.ChunkHandled handled)
    {
        NackReason reason = handled.Result.Outcome switch
        {
            ChunkWriteOutcome.Corrupt => NackReason.Corrupt,
            ChunkWriteOutcome.Conflict => NackReason.Conflict,
            ChunkWriteOutcome.OutOfRange => NackReason.OutOfRange,
            _ => NackReason.WrongLength,
        };
        Note("chunk-refused", $"Chunk {handled.Chunk} over connection {handled.From.Number} was refused: {reason}.");
        handled.From.Send(Frame(
            FrameType.Nack,
            new NackBody(reason, $"chunk {handled.Chunk}: {reason}", handled.Expected, handled.Result.Actual).ToArray(),
            chunk: handled.Chunk.Value));

        // Behind the refusal: if it closes the connection, the source has heard why this chunk counts as sent in vain.
        handled.From.Judge($"chunk {handled.Chunk}: {reason}");
    }

    private void CheckpointWhenDue(bool force)
    {
        // The timer commits whatever there is, empty files included; a chunk only half a checkpoint's worth, so that the other half can arrive meanwhile.
        bool due = _uncommitted && (force || _openBytes >= CheckpointBytes / 2);
        if (!due || _checkpointRunning || _finishing)
        {
            return;
        }

        _checkpointRunning = true;
        _uncommitted = false;
        _openBytes = 0;
        _acks.BeginCheckpoint();
        Step("a checkpoint", _incoming!.Checkpoint, checkpoint => new DestinationProtocol.CheckpointDone(checkpoint));
    }

    private void OnCheckpointDone(DestinationProtocol.CheckpointDone done)
    {
        _checkpointRunning = false;
        SendAcks(_acks.EndCheckpoint());
        if (AnyConnection() is { } connection)
        {
            foreach (ChunkIndex[] batch in done.Checkpoint.Durable.Chunk(AckBody.MaxChunks))
            {
                connection.Send(Frame(FrameType.Ack, new AckBody([.. batch.Select(chunk => chunk.Value)]).ToArray(), FrameFlags.Durable));
            }

            Fault.Point("d8.after");
        }

        NoteOutcome(done.Checkpoint);
        Publish();

        // What came meanwhile is flushed next; of that no more is acknowledged than may be open.
        CheckpointWhenDue(force: false);
        SendAcks(_acks.TakeWhatFits(CheckpointBytes));
        HoldAcksNotForEver();
        CountHeldAcks();
    }

    private void Publish()
    {
        if (_publishing)
        {
            _publishAgain = true;
            return;
        }

        _publishing = true;
        EntryIndex[] vouchedFor = [.. _vouchedFor];
        Step(
            "publishing files",
            () => new DestinationProtocol.Published(_incoming!.PublishReady(), _incoming.FinalOf(vouchedFor)),
            published => published);
    }

    private void OnPublished(DestinationProtocol.Published published)
    {
        _publishing = false;
        NoteOutcome(published.Outcome);
        if (AnyConnection() is { } connection)
        {
            // Published or not: the source need not vouch for them any more.
            TellFinal(connection, published.Final);
            _vouchedFor.ExceptWith(published.Final);
        }

        if (_publishAgain)
        {
            _publishAgain = false;
            Publish();
        }

        FinishWhenComplete();
    }

    private void TellFinal(ConnectionHandle to, IReadOnlyList<EntryIndex> files)
    {
        foreach (EntryIndex[] batch in files.Chunk(FileDoneBody.MaxFiles))
        {
            to.Send(Frame(FrameType.FileDone, new FileDoneBody([.. batch.Select(entry => (entry, default(Digest)))]).ToArray(), FrameFlags.Reply));
        }
    }

    // Durable chunks of an unclean stop are re-hashed a few at a time, between the other steps.
    private void Reverify() => Step(
        "re-hashing after an unclean stop",
        () =>
        {
            var lost = new List<ChunkIndex>();
            bool more = true;
            for (int i = 0; i < ReverifyBatch && more; i++)
            {
                more = _incoming!.VerifyNext(out ChunkIndex? damaged);
                if (damaged is { } index)
                {
                    lost.Add(index);
                }
            }

            return new DestinationProtocol.Reverified(lost, more);
        },
        reverified => reverified);

    private void OnReverified(DestinationProtocol.Reverified reverified)
    {
        if (reverified.Lost.Count > 0)
        {
            Note("chunk-lost", $"Chunk {string.Join(", ", reverified.Lost)} was found damaged on disk after the restart and is fetched again.");
            AskFor(reverified.Lost);
        }

        if (reverified.More)
        {
            Reverify();
        }
        else
        {
            Publish();
        }
    }

    // What could not be flushed is fetched again; what got another outcome than published is worth a line.
    private void NoteOutcome(Checkpoint outcome)
    {
        foreach (FileIssue issue in outcome.Issues)
        {
            Note($"file-{issue.State.ToString().ToLowerInvariant()}", $"{issue.Path}: {issue.Problem.Detail}");
        }

        foreach (ChunkRange range in outcome.Lost)
        {
            AskFor(Enumerable.Range(0, checked((int)range.Count)).Select(i => new ChunkIndex(range.First + (uint)i)));
        }
    }

    private void FinishWhenComplete()
    {
        if (!_finishing && !_checkpointRunning && !_publishing && _incoming!.IsComplete)
        {
            _finishing = true;
            Step<object>("finishing folders", () => _incoming.Finish() ? DestinationProtocol.Finished.Instance : DestinationProtocol.FinishHeld.Instance, end => end);
        }
    }
}
