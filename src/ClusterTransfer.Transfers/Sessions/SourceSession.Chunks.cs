using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Model.Faults;
using ClusterTransfer.Storage.Outgoing;
using ClusterTransfer.Transfers.Chunks;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Work;
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

    private void ReceiveChunkOutcomes()
    {
        Receive<ChunkProtocol.Sent>(sent =>
        {
            if (FlightOf(sent.Chunk) is { } inFlight)
            {
                CountSent(inFlight);
                foreach (EntryProblem absent in sent.Absent)
                {
                    FailEntry(inFlight.Page, absent.Entry, absent.Problem);
                }
            }

            Dispatch();
        });
        Receive<ChunkProtocol.Settled>(settled =>
        {
            if (FlightOf(settled.Chunk) is not null)
            {
                SettleChunk(settled.Chunk);
            }
        });
        Receive<ChunkProtocol.Again>(again =>
        {
            if (FlightOf(again.Chunk) is { } inFlight)
            {
                if (again.Attempts == inFlight.Attempt)
                {
                    Note("chunk-retried", $"Chunk {again.Chunk} is sent again after attempt {again.Attempts} over connection {inFlight.Connection}: {again.Why}.");
                }

                _ledger.Requeue(again.Chunk, again.Attempts);
            }

            Dispatch();
        });
        Receive<ChunkProtocol.GivenUp>(OnGivenUp);
        Receive<ChunkProtocol.Unreadable>(unreadable =>
        {
            if (FlightOf(unreadable.Chunk) is { } inFlight)
            {
                ParkChunk(inFlight, unreadable.Problem);
            }
        });
        Receive<ChunkProtocol.Overdue>(overdue =>
        {
            Note("ack-overdue", $"Chunk {overdue.Chunk} waits for its acknowledgement over connection {overdue.Connection} for the {overdue.Times}. time.");
            if (overdue.Times >= Services.Options.AckTimeoutRepeats && Connections.TryGetValue(overdue.Connection, out ConnectionHandle? connection))
            {
                connection.Actor.Tell(new ConnectionProtocol.GiveUp(
                    new Problem(Reason.SessionLost, $"Chunk {overdue.Chunk} was not acknowledged {overdue.Times} times.")));
            }
        });
    }

    private void CountSent(ChunkInFlight inFlight)
    {
        inFlight.IsSent = true;
        _bytesSent += inFlight.Chunk.Length;
        _tallies[inFlight.Connection].BytesSent += inFlight.Chunk.Length;
        uint chunk = inFlight.Chunk.Index.Value;
        _sentAgain[chunk] |= _sent[chunk];
        _sent[chunk] = true;
    }

    // A chunk actor that was stopped may have spoken before; its chunk is in other hands by then.
    private ChunkInFlight? FlightOf(ChunkIndex chunk) =>
        _ledger.InFlight.TryGetValue(chunk, out ChunkInFlight? inFlight) && inFlight.Actor.Equals(Sender) ? inFlight : null;

    private void Dispatch()
    {
        if (IsDraining)
        {
            EndWhenDrained();
            return;
        }

        if (_mover is null || !MaySendChunks)
        {
            return;
        }

        while (ConnectionWithRoom() is { } connection && _ledger.Take(Room) is { } next)
        {
            ChunkMover mover = _mover;
            SessionOptions options = Services.Options;
            IActorRef actor = Context.ActorOf(Props.Create(() => new ChunkActor(next.Chunk, next.Attempt, connection, mover, options)));
            _ledger.Launch(new ChunkInFlight(next.Chunk, next.Page, connection.Number, actor, next.Attempt));
            _currentPath = PathOf(next.Page, next.Chunk.Entry);
        }
    }

    // A window smaller than a chunk is slow, but no deadlock: with nothing in flight one chunk may go whatever its size.
    private long Room => _ledger.BytesInFlight == 0 && _window > 0 ? long.MaxValue : Math.Max(0, _window - _ledger.BytesInFlight);

    private ConnectionHandle? ConnectionWithRoom()
    {
        // At most 16 connections and their unsent chunks: counting is cheaper than keeping counters true.
        ConnectionHandle? best = null;
        int bestUnsent = UnsentPerConnection;
        foreach (ConnectionHandle connection in Connections.Values)
        {
            int unsent = 0;
            foreach (ChunkInFlight chunk in _ledger.InFlight.Values)
            {
                unsent += chunk.Connection == connection.Number && !chunk.IsSent ? 1 : 0;
            }

            if (unsent < bestUnsent)
            {
                best = connection;
                bestUnsent = unsent;
            }
        }

        return best;
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
                if (_ledger.InFlight.TryGetValue(header.Chunk, out ChunkInFlight? inFlight))
                {
                    _tallies[inFlight.Connection].ChunksRefused++;
                    inFlight.Actor.Tell(new ChunkProtocol.Refused(nack.Reason, PathText.Escape(nack.Detail), nack.Expected, nack.Actual));
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

        var evidence = new ParkedChunk(
            givenUp.Chunk.Value,
            inFlight.Chunk.FileOffset,
            givenUp.Attempts,
            givenUp.Last.Expected.ToString(),
            givenUp.Last.Actual.ToString(),
            inFlight.Connection,
            Command.Peer.Value,
            Services.Time.GetUtcNow());
        var problem = new Problem(
            Reason.ChunkCorrupt,
            $"Chunk {givenUp.Chunk} at offset {inFlight.Chunk.FileOffset} was refused {givenUp.Attempts} times, last over connection {inFlight.Connection} ({givenUp.Last.Reason}).");
        Note("chunk-parked", problem.Detail);
        ParkChunk(inFlight, problem, evidence);
    }

    // Its files fail, and the chunk is settled whether they failed before or not: else its page stayed open and no other was taken up.
    private void ParkChunk(ChunkInFlight inFlight, Problem problem, ParkedChunk? evidence = null)
    {
        EntryIndex[] entries = inFlight.Chunk.IsPacked ? MembersOf(inFlight.Page, inFlight.Chunk) : [inFlight.Chunk.Entry];
        _ledger.Settle(inFlight.Chunk.Index);
        foreach (EntryIndex entry in entries)
        {
            FailEntry(inFlight.Page, entry, problem, evidence);
        }

        PumpPages();
        Dispatch();
    }

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

    private void FailEntry(ManifestPage page, EntryIndex entry, Problem problem, ParkedChunk? evidence = null)
    {
        if (!_failedEntries.TryAdd(entry, problem))
        {
            return;
        }

        if (_issues.Count < SessionEnded.MaxIssues)
        {
            _issues.Add(new FileIssue(PathOf(page, entry), FileState.Parked, problem) { Chunk = evidence });
        }

        Note("file-parked", $"{PathOf(page, entry)}: {problem.Detail}");
        foreach (ChunkInFlight stopped in _ledger.Abandon(page.Number, entry))
        {
            Context.Stop(stopped.Actor);
        }

        TellFailed(entry);
    }

    private static string PathOf(ManifestPage page, EntryIndex entry) => page.Entries[(int)(entry.Value - page.FirstEntry)].Path.ToString();
}
