using System.Globalization;
using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Model.Faults;
using ClusterTransfer.Storage.Outgoing;
using ClusterTransfer.Transfers.Chunks;
using ClusterTransfer.Transfers.Compression;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Policies;
using ClusterTransfer.Transfers.Work;
using ClusterTransfer.Wire.Compression;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Sessions;

// Chunks: the next one goes to whichever connection has room; a connection reads and queues at most two at a time.
internal sealed partial class SourceSession
{
    private const int UnsentPerConnection = 2;

    private readonly ChunkBits _sent = new();
    private readonly ChunkBits _sentAgain = new();
    private long _window;

    private readonly LostFlight _lost = new();

    private void ReceiveChunkOutcomes()
    {
        Receive<ChunkProtocol.Sent>(sent =>
        {
            if (FlightOf(sent.Chunk) is { } inFlight)
            {
                CountSent(inFlight);
                inFlight.Digest = sent.Digest;
                foreach (EntryProblem absent in sent.Absent)
                {
                    FailEntry(inFlight.Page, absent.Entry, absent.Problem);
                }
            }

            Dispatch();
        });
        Receive<ChunkProtocol.Settled>(settled =>
        {
            if (FlightOf(settled.Chunk) is { } inFlight)
            {
                if (Connections.TryGetValue(inFlight.Connection, out ConnectionHandle? connection))
                {
                    _tallies[inFlight.Connection].ChunksAcknowledged++;
                    connection.Judge(damage: null);
                }

                SettleChunk(settled.Chunk);
            }
        });
        Receive<ChunkProtocol.Displaced>(OnDisplaced);
        Receive<ChunkProtocol.Recalled>(OnRecalled);
        Receive<ChunkProtocol.Again>(OnAgain);
        Receive<SourceProtocol.RetryDue>(due =>
        {
            _ledger.Wake(due.Chunk);
            Dispatch();
        });
        Receive<SourceProtocol.LossDue>(OnLossDue);
        Receive<SourceProtocol.LostTooOften>(OnLostTooOften);
        Receive<ChunkProtocol.GivenUp>(OnGivenUp);
        Receive<ChunkProtocol.Unreadable>(unreadable =>
        {
            if (FlightOf(unreadable.Chunk) is not { } inFlight)
            {
                return;
            }

            if (unreadable.Problem.Reason == Reason.LimitReached)
            {
                // This node is short of something. That is no fault of the file, and the next session may find it mended.
                EndFor(unreadable.Problem);
            }
            else
            {
                FailChunk(inFlight, unreadable.Problem);
            }
        });
        Receive<ChunkProtocol.Overdue>(OnOverdue);
    }

    private void OnCodecChanged(CodecChange change) => Note(
        "compression-changed",
        string.Create(
            CultureInfo.InvariantCulture,
            $"Chunks are sent with {Named(change.After)} from now on, before with {Named(change.Before)}: the link takes {change.LinkBytesPerSecond / 1e6:0.0} MB/s and {change.Processors:0.0} processors are free."),
        EventData.Of(
            ("before", Named(change.Before)),
            ("after", Named(change.After)),
            ("linkBytesPerSecond", (long)change.LinkBytesPerSecond),
            ("processors", Math.Round(change.Processors, 2)),
            ("ratio", Math.Round(change.Ratio, 3))));

    private static string Named(PayloadCodec codec) => codec == PayloadCodec.None ? "no codec" : codec.ToString();

    // Its connection ended before it took the chunk. The news of that end may still be on its way.
    private void OnDisplaced(ChunkProtocol.Displaced displaced)
    {
        if (FlightOf(displaced.Chunk) is { } inFlight && _ledger.Requeue(displaced.Chunk))
        {
            EndUseOf(inFlight.Connection);
        }

        Dispatch();
    }

    // Not a byte of it was written. It waits for its turn as one that was never read, and holds nothing meanwhile.
    private void OnRecalled(ChunkProtocol.Recalled recalled)
    {
        if (FlightOf(recalled.Chunk) is { } inFlight)
        {
            CountUnsent(inFlight);
            _ledger.Requeue(recalled.Chunk);
        }

        Dispatch();
    }

    private void OnAgain(ChunkProtocol.Again again)
    {
        if (FlightOf(again.Chunk) is { } inFlight)
        {
            RetryLater(inFlight, again.Why);
        }

        Dispatch();
    }

    private void RetryLater(ChunkInFlight inFlight, string why)
    {
        (ChunkIndex chunk, int attempts, ChunkRetryPolicy policy) = (inFlight.Chunk.Index, inFlight.Attempt, Policies.ChunkRetry);
        TimeSpan pause = Backoff.After(attempts, policy.PauseMin, policy.PauseMax, Context.System.NextRandom);
        Note(
            "chunk-retried",
            $"Chunk {chunk} is sent again in {pause.TotalSeconds:0.##} s after attempt {attempts} of {policy.Attempts} over connection {inFlight.Connection}: {why}.",
            EventData.Of(
                ("chunk", chunk),
                ("attempt", attempts),
                ("attempts", policy.Attempts),
                ("connection", inFlight.Connection),
                ("pauseMs", (long)pause.TotalMilliseconds),
                ("why", why)));
        ChunkTrouble? before = _ledger.TroubleOf(chunk);
        _ledger.Wait(chunk, new ChunkTrouble(attempts, inFlight.Connection, Services.Time.GetUtcNow(), before?.Losses ?? 0, before?.GoesAlone ?? false));
        Timers.StartSingleTimer(chunk, new SourceProtocol.RetryDue(chunk), pause);
    }

    private void OnOverdue(ChunkProtocol.Overdue overdue)
    {
        if (FlightOf(overdue.Chunk) is not { } inFlight)
        {
            return;
        }

        Note("ack-overdue", $"Chunk {overdue.Chunk} waits for its acknowledgement over connection {overdue.Connection} for the {overdue.Times}. time.");
        if (overdue.Times >= Policies.Acknowledgement.Repeats
            && Connections.TryGetValue(overdue.Connection, out ConnectionHandle? connection)
            && !_tallies[overdue.Connection].IsEnding)
        {
            // It goes back when the connection has left, as everything that was on its way there; only that this one costs an attempt: the one that waited
            // longest. Those beside it may wait for the same reason or because of it, which shows when they are sent alone.
            inFlight.IsBlamed = true;
            EndUseOf(overdue.Connection);
            connection.Actor.Tell(new ConnectionProtocol.GiveUp(
                new Problem(Reason.SessionLost, $"Chunk {overdue.Chunk} was not acknowledged {overdue.Times} times.")));
        }
    }

    private void EndUseOf(int connection)
    {
        if (_tallies.TryGetValue(connection, out ConnectionTally? tally))
        {
            tally.IsEnding = true;
            ChooseResting();
        }
    }

    private void CountSent(ChunkInFlight inFlight)
    {
        inFlight.IsSent = true;
        _bytesSent += inFlight.Chunk.Length;
        _tallies[inFlight.Connection].BytesSent += inFlight.Chunk.Length;
        _tallies[inFlight.Connection].ChunksSent++;
        uint chunk = inFlight.Chunk.Index.Value;
        _sentAgain[chunk] |= _sent[chunk];
        _sent[chunk] = true;
    }

    private void CountUnsent(ChunkInFlight inFlight)
    {
        if (!inFlight.IsSent)
        {
            return;
        }

        _bytesSent -= inFlight.Chunk.Length;
        if (_tallies.TryGetValue(inFlight.Connection, out ConnectionTally? tally))
        {
            tally.BytesSent -= inFlight.Chunk.Length;
            tally.ChunksSent--;
        }

        uint chunk = inFlight.Chunk.Index.Value;
        _sent[chunk] = _sentAgain[chunk];
    }

    // A chunk actor that was stopped may have spoken before; its chunk is in other hands by then.
    private ChunkInFlight? FlightOf(ChunkIndex chunk) =>
        _ledger.InFlight.TryGetValue(chunk, out ChunkInFlight? inFlight) && inFlight.Actor.Equals(Sender) ? inFlight : null;

    private void Dispatch()
    {
        if (IsDraining)
        {
            EndWhenDrained();
        }
        else if (_mover is not null && MaySendChunks)
        {
            Launch(_mover);
        }

        CountPlaces();
    }

    private void Launch(ChunkMover mover)
    {
        while (TakeNext() is var (connection, next))
        {
            TransferPolicies policies = Policies;
            IActorRef actor = Context.ActorOf(Props.Create(() => new ChunkActor(next.Chunk, next.Attempt, connection, mover, policies)));
            _lost.Launch(next.Chunk.Index);
            _ledger.Launch(new ChunkInFlight(next.Chunk, next.Page, connection.Number, actor, next.Attempt) { IsAlone = next.IsAlone });
            _currentPath = PathOf(next.Page, next.Chunk.Entry);
        }
    }

    // A window smaller than a chunk is slow, but no deadlock: with nothing in flight one chunk may go whatever its size.
    private long Room => _ledger.BytesInFlight == 0 && _window > 0 ? long.MaxValue : Math.Max(0, _window - _ledger.BytesInFlight - _lost.Bytes);

    // The least busy connection first. A chunk that failed on one goes there again only when no other can take it: better there than not at all.
    private (ConnectionHandle Connection, ChunkToSend Chunk)? TakeNext()
    {
        List<(ConnectionHandle Connection, int Unsent, bool IsIdle)> withRoom = ConnectionsWithRoom();
        foreach (bool evenThere in new[] { false, true })
        {
            foreach ((ConnectionHandle connection, _, bool isIdle) in withRoom)
            {
                if (_ledger.Take(Room, connection.Number, evenThere, isIdle) is { } chunk)
                {
                    return (connection, chunk);
                }
            }
        }

        _emptyPlaces = withRoom.Sum(connection => UnsentPerConnection - connection.Unsent);
        return null;
    }

    private List<(ConnectionHandle Connection, int Unsent, bool IsIdle)> ConnectionsWithRoom()
    {
        // At most 16 connections and their unsent chunks: counting is cheaper than keeping counters true.
        var withRoom = new List<(ConnectionHandle Connection, int Unsent, bool IsIdle)>(Connections.Count);
        foreach (ConnectionHandle connection in Connections.Values)
        {
            if (_tallies[connection.Number].IsEnding || _resting.Contains(connection.Number))
            {
                continue;
            }

            int unsent = 0;
            bool isIdle = true;
            bool isTaken = false;
            foreach (ChunkInFlight chunk in _ledger.InFlight.Values.Where(chunk => chunk.Connection == connection.Number))
            {
                unsent += chunk.IsSent ? 0 : 1;
                isIdle = false;
                isTaken |= chunk.IsAlone;
            }

            if (unsent < UnsentPerConnection && !isTaken)
            {
                withRoom.Add((connection, unsent, isIdle));
            }
        }

        withRoom.Sort((one, other) => one.Unsent.CompareTo(other.Unsent));
        return withRoom;
    }

    private void OnAck(FrameHeader header, AckBody ack)
    {
        if (header.Flags.HasFlag(FrameFlags.Durable))
        {
            return;   // What is durable is the destination's knowledge; here only the window and the files matter.
        }

        Fault.Point("u3.before");

        foreach (uint chunk in ack.Chunks)
        {
            _lost.Hear(new ChunkIndex(chunk));
            if (_ledger.InFlight.TryGetValue(new ChunkIndex(chunk), out ChunkInFlight? inFlight))
            {
                inFlight.Actor.Tell(ChunkProtocol.Acknowledged.Instance);
            }
        }

        Fault.Point("u3.after");
    }

    private void OnNack(SessionProtocol.ControlFrame frame, NackBody nack)
    {
        FrameHeader header = frame.Header;
        switch (nack.Reason)
        {
            case NackReason.NotReady when header.Chunk == NackBody.NoChunk:
                OnPageEarly(frame);
                break;
            case NackReason.Lost:
                NoteLost(header.Chunk);
                break;
            case NackReason.PageRefused or NackReason.NoSpace or NackReason.DiskError or NackReason.EpochTooOld:
                EndFor(new Problem(Reason.SessionLost, $"{Command.Peer} refused: {PathText.Escape(nack.Detail)}"));
                break;
            default:
                _lost.Hear(header.Chunk);

                // What comes from another connection is about an earlier copy, which went back when that connection was left.
                if (_ledger.InFlight.TryGetValue(header.Chunk, out ChunkInFlight? inFlight) && inFlight.Connection == frame.From.Number)
                {
                    _tallies[inFlight.Connection].ChunksRefused++;
                    if (nack.Reason is NackReason.Corrupt or NackReason.WrongLength or NackReason.OutOfRange or NackReason.Conflict)
                    {
                        frame.From.Judge($"chunk {header.Chunk}: {nack.Reason}");
                    }

                    inFlight.Refusal = new ChunkProtocol.Refused(nack.Reason, PathText.Escape(nack.Detail), nack.Expected, nack.Actual);
                    inFlight.Actor.Tell(inFlight.Refusal);
                }

                break;
        }
    }

    private void SettleChunk(ChunkIndex chunk)
    {
        if (_ledger.Settle(chunk) is { } completeFile)
        {
            FindRoot(completeFile);
        }

        PumpPages();
        Dispatch();
    }

    private void FindRoot(EntryIndex file) => Step(
        "checking a source file", () => _outgoing!.GetFileRoot(file, Stopping), root => new SourceProtocol.RootKnown(file, root));

    private void OnRootKnown(SourceProtocol.RootKnown known)
    {
        if (known.Root.Problem is { } problem)
        {
            Step("reading the manifest", () => (_outgoing!.GetPage(_outgoing.PageOfEntry(known.Entry)), known.Entry), found => new SourceProtocol.EntryFailed(found.Item1, found.Entry, problem));
            return;
        }

        VouchFor(known.Entry, known.Root.Root);
    }

    private void OnGivenUp(ChunkProtocol.GivenUp givenUp)
    {
        if (FlightOf(givenUp.Chunk) is not { } inFlight)
        {
            return;
        }

        ParkRefused(inFlight, givenUp.Last);
        PumpPages();
        Dispatch();
    }

    // The chunk is settled whether its files failed before or not: else its page stayed open and no other was taken up.
    private void FailChunk(ChunkInFlight inFlight, Problem problem)
    {
        _ledger.Settle(inFlight.Chunk.Index);
        foreach (EntryIndex entry in EntriesOf(inFlight.Page, inFlight.Chunk))
        {
            FailEntry(inFlight.Page, entry, problem);
        }

        PumpPages();
        Dispatch();
    }

    private static EntryIndex[] EntriesOf(ManifestPage page, PlannedChunk chunk) => chunk.IsPacked ? MembersOf(page, chunk) : [chunk.Entry];

    private static EntryIndex[] MembersOf(ManifestPage page, PlannedChunk chunk)
    {
        ReadOnlySpan<PackMember> members = new PagePlan(page).MembersOf(chunk);
        var entries = new EntryIndex[members.Length];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = members[i].Entry;
        }

        return entries;
    }

    private void FailEntry(ManifestPage page, EntryIndex entry, Problem problem)
    {
        if (!TryFail(page, entry, problem))
        {
            return;
        }

        Note("file-parked", $"{PathOf(page, entry)}: {problem.Detail}");
        if (_issues.Count < SessionEnded.MaxIssues)
        {
            _issues.Add(new FileIssue(PathOf(page, entry), FileState.Parked, problem));
        }

        TellFailed([entry]);
    }

    // Nothing more of it is sent. False when it failed before.
    private bool TryFail(ManifestPage page, EntryIndex entry, Problem problem)
    {
        if (!_failedEntries.TryAdd(entry, problem))
        {
            return false;
        }

        foreach (ChunkInFlight stopped in _ledger.Abandon(page.Number, entry))
        {
            Context.Stop(stopped.Actor);
        }

        return true;
    }

    private static string PathOf(ManifestPage page, EntryIndex entry) => page.Entries[(int)(entry.Value - page.FirstEntry)].Path.ToString();
}
