namespace ClusterTransfer.Simulation.Faults;

/// <summary>The faults a run can draw, by row of the fault catalogue. Each arms itself at the desk and reports when it has had its effect.</summary>
internal static class Catalogue
{
    public static readonly IReadOnlyList<(string Row, string Text, Action<FaultDesk> Arm)> Rows =
    [
        ("P1", "kill -9 at a named point of each role", ProcessFaults.KillAtNamedPoint),
        ("P2", "kill -9 at a random time, again during recovery", ProcessFaults.KillAgainAndAgain),
        ("P3", "kill -9 before a durable call", ProcessFaults.KillAtDurableCall),
        ("P4", "SIGTERM while busy", ProcessFaults.Terminate),
        ("P5", "SIGSTOP for 5, 60 or 600 s", ProcessFaults.Freeze),
        ("N1", "reset of one or all connections", NetworkFaults.Reset),
        ("N2", "black hole, both ways or one way", NetworkFaults.BlackHole),
        ("N3", "black hole in the handshake or after it", NetworkFaults.DeafDial),
        ("N4", "loss: everything slow, or large frames stuck", NetworkFaults.Loss),
        ("N5", "bit flip on ciphertext", NetworkFaults.CipherFlip),
        ("N6", "bit flip inside: header, payload, digest", NetworkFaults.InnerFlip),
        ("N7", "duplicate, reordered, overlapping frames", NetworkFaults.DuplicateOrReorder),
        ("N8", "late chunk after the end or in a new epoch", NetworkFaults.Late),
        ("N9", "impossible lengths and indices", NetworkFaults.Impossible),
        ("N11", "slow reader", NetworkFaults.SlowReader),
        ("N13", "flapping link", NetworkFaults.Flapping),
        ("N14", "acknowledgements lost or late", NetworkFaults.AckLost),
        ("N15", "other version, unknown frame type", NetworkFaults.OtherVersion),
        ("K1", "two coordinators of one transfer: one loses the race for the journal", CoordinationFaults.TwoCoordinators),
        ("K2", "commands of a coordinator frozen past its successor", CoordinationFaults.LateCommands),
        ("K3", "node returns with stale state", CoordinationFaults.StaleState),
        ("K4", "the destination's word is not heard", CoordinationFaults.WordNotHeard),
        ("K5", "cancel races completed, pause races resume", CoordinationFaults.Wishes),
        ("K6", "all nodes restart at once", ProcessFaults.KillAll),
        ("B1", "hub away", ProcessFaults.HubAway),
        ("B3", "control messages lost, doubled, late, reordered", CoordinationFaults.BadBus),
        ("R1", "wall clock jumps", CoordinationFaults.ClockJumps),
        ("D3", "no space for a time", DiskFaults.NoSpace),
        ("D5", "EIO on write or read", DiskFaults.InputOutput),
        ("D6", "EIO on a flush", DiskFaults.FailedFlush),
        ("D14", "slow disk", DiskFaults.Slow),
    ];

    /// <summary>Draws a row: those of disks after which a transfer may fail rightly a third as often as the others.</summary>
    public static (string Row, string Text, Action<FaultDesk> Arm) Draw(Random random)
    {
        while (true)
        {
            (string Row, string Text, Action<FaultDesk> Arm) drawn = Rows[random.Next(Rows.Count)];
            if (drawn.Row[0] != 'D' || drawn.Row is "D3" or "D14" || random.Next(3) == 0)
            {
                return drawn;
            }
        }
    }

    /// <summary>Rows of P, N and K that cannot happen between frames and calls, and where they are proven instead.</summary>
    public static readonly IReadOnlyList<(string Row, string Why)> NotSimulated =
    [
        ("P6", "memory: real processes under a limit"),
        ("P7", "exit of the runtime: real processes"),
        ("N10", "slices of a byte stream: frame reader tests"),
        ("N12", "thousands of idle connections: listener tests"),
        ("K7", "two builds: real processes"),
    ];
}
