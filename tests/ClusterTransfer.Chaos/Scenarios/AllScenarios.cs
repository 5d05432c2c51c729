using ClusterTransfer.Chaos.Faults;

namespace ClusterTransfer.Chaos.Scenarios;

/// <summary>Everything <c>scripts/chaos.sh list</c> shows.</summary>
internal static class AllScenarios
{
    public static IReadOnlyList<Scenario> List { get; } =
    [
        new("call-kill", "P2 P3 I1-I10", "kill -9 at every durable system call of a 16-chunk transfer; 0 rounds are one for each call", 0, 40, CallFaults.KillAsync),
        new("call-eio", "D5 D6 D7", "EIO at every durable call: completes, fails with its reason, or the node stops and recovers", 0, 40, run => CallFaults.FailAsync(run, "EIO", ShimFault.InputOutput)),
        new("call-enospc", "D3", "ENOSPC at every durable call", 0, 40, run => CallFaults.FailAsync(run, "ENOSPC", ShimFault.NoSpace)),
        new("call-edquot", "D4", "EDQUOT at every durable call", 0, 10, run => CallFaults.FailAsync(run, "EDQUOT", ShimFault.QuotaExceeded)),
        new("call-tree", "P3 D3 D5 D6 D7", "kill -9, EIO or ENOSPC at every durable call of a transfer of a tree of mixed sizes", 0, 16, CallFaults.TreeAsync),
        new("call-short", "D10", "short writes, EINTR and EAGAIN at durable calls: none of them is noticed", 40, 8, CallFaults.ShortAsync),
        new("slow-disk", "D14", "flushes of 5 s, writes that wait: the source waits, nobody is taken for dead", 6, 2, SlowDisk.RunAsync),
        new("power-cut", "D1 I1-I3", "power cuts of a destination on an ext4 of its own, at random moments, also after the end", 50, 3, PowerCuts.RunAsync),
        new("memory-cap", "P6 I8", "source and destination in 512 MiB of memory each, 16 connections; COUNT GiB in one file; then so little that the kernel kills one", 10, 1, MemoryCap.RunAsync),
        new("point-kill", "P1 P2", "kill -9 at each named point of destination, source, coordinator and hub; 0 rounds are one for each point", 300, 12, PointKills.KillAsync),
        new("point-crash", "P7", "an exception that nobody catches, on a pool thread, at each of these points; 0 rounds are one for each", 60, 4, PointKills.CrashAsync),
        new("flip-staged", "D11 D12", "bits of durable chunks flipped while the node is down: each is found and fetched again", 1000, 30, Flips.StagedAsync),
        new("flip-journal", "D12", "a bit of the node journal flipped while the node is down: noticed, mended or begun anew, nothing lost", 200, 4, Flips.JournalAsync),
        new("flip-wire", "N6", "bits of chunks flipped inside TLS: each is refused by name or costs its connection", 1000, 40, WireFlips.RunAsync),
        new("freeze", "P5", "SIGSTOP of the destination until all have given it up, then SIGCONT: it changes and publishes nothing that is over", 20, 2, Fencing.RunAsync),
        new("successor", "P5 K3", "SIGSTOP of the destination while others take over, by turns: a newer session and a second process on its folder; another node for its location. It wakes up and is too late", 10, 2, Succession.RunAsync),
        new("black-hole", "N2", "half of the connections go silent: noticed within 15 s, the session goes on over the others", 5, 1, BlackHole.RunAsync),
        new("connect-storm", "N3 N12 I8", "rapid connect and close cycles at the data port: handles, threads and memory stay flat", 10_000, 1_000, ConnectStorm.RunAsync),
        new("soak", "I1-I12", "random faults and mixed sizes for a time (--seconds, 3600): no claim broken, memory, handles and threads flat", 1, 1, Soak.RunAsync),
    ];

    public static Scenario? Find(string name) => List.FirstOrDefault(scenario => scenario.Name == name);
}
