using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Tests.Support;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>A node as the coordinator sees it: keeps what a real one keeps on disk, forgets the rest when it restarts. One transfer.</summary>
internal sealed class ScriptedNode(NodeId name, string location, SimulatedBus bus)
{
    private const int Total = 10;

    private readonly Dictionary<SessionRole, Live> _live = [];

    public NodeId Name { get; } = name;

    public int Run { get; private set; } = 1;

    public Member Member => Samples.Member(Name, Samples.Run(Run), location);

    // ---- on disk

    public Epoch Highest { get; private set; }

    /// <summary>Steps of the delivery that are durable at the destination; all of them: complete.</summary>
    public int Durable { get; private set; }

    public bool WasCancelled { get; private set; }

    /// <summary>What the destination's disk says in the end, for good: another answer later would be a lie.</summary>
    public string? Verdict { get; private set; }

    /// <summary>The coordinator's word that the transfer is over has arrived.</summary>
    public bool HasForgotten { get; private set; }

    public bool HasSession => _live.Count > 0;

    public bool HasMovingSession(Epoch epoch, SessionRole role) => _live.TryGetValue(role, out Live? live) && live.Epoch == epoch && live.End is null;

    public void Restart()
    {
        Run++;
        _live.Clear();
    }

    /// <summary>This end gives up its session, as after a failed disk or lost connections.</summary>
    public void Suspend(Random random)
    {
        foreach (Live live in _live.Values.Where(live => live.End is null && random.Next(2) == 0))
        {
            live.End = SessionEnd.Suspended;
        }
    }

    public void Receive(BusMessage message)
    {
        switch (message)
        {
            case OpenSession open: OnOpen(open); break;
            case StopSession { Intent: StopIntent.Cancel } stop: OnCancel(stop); break;
            case StopSession stop: OnSuspend(stop); break;
            case OutcomeRecorded recorded: OnRecorded(recorded); break;
            default: throw new InvalidOperationException($"A coordinator does not send {message.GetType().Name}.");
        }
    }

    /// <summary>Half a second passes.</summary>
    public void Tick(ScriptedNode peer)
    {
        foreach ((SessionRole role, Live live) in _live)
        {
            if (live.End is null && role == SessionRole.Destination && peer.HasMovingSession(live.Epoch, SessionRole.Source) && !WasCancelled)
            {
                Durable = Math.Min(Total, Durable + 1);
                if (Durable == Total)
                {
                    Decide("completed");
                    live.End = SessionEnd.Completed;
                    peer.HearsCompleted(live.Epoch);
                }
            }

            Report(role, live);
        }
    }

    private void HearsCompleted(Epoch epoch)
    {
        // Over the data plane, which may be gone: then the source learns it from the coordinator.
        if (bus.Random.Next(4) != 0 && _live.TryGetValue(SessionRole.Source, out Live? live) && live.Epoch == epoch)
        {
            live.End ??= SessionEnd.Completed;
        }
    }

    private void Decide(string verdict)
    {
        if (Verdict is not null && Verdict != verdict)
        {
            throw new InvalidOperationException($"The destination was {Verdict} and is now {verdict} (seed {bus.Seed}).");
        }

        Verdict = verdict;
    }

    private void OnOpen(OpenSession open)
    {
        if (open.Target != Samples.Run(Run))
        {
            Refuse(open, Reason.SessionLost);
        }
        else if (open.Epoch < Highest)
        {
            Refuse(open, Reason.Superseded);
        }
        else if (_live.TryGetValue(open.Role, out Live? live) && live.Epoch == open.Epoch)
        {
            Report(open.Role, live, opened: true);
        }
        else
        {
            Highest = open.Epoch;
            bool ended = open.Role == SessionRole.Destination && (WasCancelled || Durable == Total);
            _live[open.Role] = live = new Live(open.Epoch)
            {
                End = ended ? (WasCancelled ? SessionEnd.Cancelled : SessionEnd.Completed) : null,
            };
            Report(open.Role, live, opened: true);
        }
    }

    private void OnCancel(StopSession stop)
    {
        if (HasForgotten)
        {
            return;   // A late repeat: there is nothing here any more.
        }

        if (Durable < Total)
        {
            WasCancelled = true;
        }

        SessionEnd end = WasCancelled ? SessionEnd.Cancelled : SessionEnd.Completed;
        Decide(WasCancelled ? "cancelled" : "completed");
        if (_live.TryGetValue(SessionRole.Destination, out Live? live) && live.End is not SessionEnd.Suspended)
        {
            live.End = end;
            Report(SessionRole.Destination, live);
        }
        else
        {
            // No live session: answered from the disk, once for each time it is asked.
            bus.ToHub(Name, Ended(SessionRole.Destination, stop.Epoch, end));
        }
    }

    private void OnSuspend(StopSession stop)
    {
        foreach ((SessionRole role, Live live) in _live.Where(pair => pair.Value.Epoch <= stop.Epoch && (stop.Role ?? pair.Key) == pair.Key))
        {
            live.End ??= SessionEnd.Suspended;
            Report(role, live);
        }

        if (stop.Role is { } asked && !_live.ContainsKey(asked))
        {
            bus.ToHub(Name, new SessionRefused(stop.TransferId, stop.Epoch, asked, new Problem(Reason.SessionLost, $"{Name} has none")));
        }

        if (stop.Request is not null && !_live.ContainsKey(SessionRole.Source) && !HasForgotten && stop.Request.Source.Location.Value == location)
        {
            // No live session: the manifest on the disk has the counts.
            bus.ToHub(Name, Ended(SessionRole.Source, stop.Epoch, SessionEnd.Suspended));
        }
    }

    private void OnRecorded(OutcomeRecorded recorded)
    {
        HasForgotten |= recorded is { TransferEnded: true, Keep: false };
        if (_live.TryGetValue(recorded.Role, out Live? live) && live.Epoch <= recorded.Epoch && (live.End is not null || recorded.TransferEnded))
        {
            _live.Remove(recorded.Role);
        }
    }

    private void Refuse(OpenSession open, Reason reason) => bus.ToHub(
        Name, new SessionRefused(open.TransferId, open.Epoch, open.Role, new Problem(reason, $"{Name} refuses")) { HighestEpoch = Highest });

    private void Report(SessionRole role, Live live, bool opened = false) => bus.ToHub(Name, live.End is { } end
        ? Ended(role, live.Epoch, end)
        : opened
            ? new SessionOpened(Samples.Id, live.Epoch, role, Samples.Run(Run))
            : new SessionProgressed(Samples.Id, live.Epoch, role, ProgressOf(role)));

    private SessionEnded Ended(SessionRole role, Epoch epoch, SessionEnd end) => new(Samples.Id, epoch, role, end)
    {
        Progress = ProgressOf(role),
        Problem = end == SessionEnd.Completed ? null : new Problem(end == SessionEnd.Cancelled ? Reason.Cancelled : Reason.SessionLost, $"{Name}: {end}"),
    };

    private TransferProgress ProgressOf(SessionRole role) => role == SessionRole.Source
        ? new TransferProgress { FilesFound = 2, BytesFound = Total, ScanComplete = true }
        : new TransferProgress { BytesDurable = Durable, BytesPublished = Durable, FilesPublished = Durable == Total ? 2 : 0 };

    private sealed class Live(Epoch epoch)
    {
        public Epoch Epoch { get; } = epoch;

        public SessionEnd? End { get; set; }
    }
}
