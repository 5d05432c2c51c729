using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Simulation.Faults;
using ClusterTransfer.Simulation.Nodes;
using ClusterTransfer.Simulation.Runs;
using TransferEvents = ClusterTransfer.Transfers.Coordination.TransferEvents;

namespace ClusterTransfer.Simulation.Checks;

/// <summary>What must hold when a run is over and everybody has had time to clear up.</summary>
internal static class EndCheck
{
    public static void Of(SimRun run, FaultDesk desk, Watcher watcher)
    {
        TransferResource ended = run.Ended ?? throw new InvariantException("I5", "an accepted transfer did not end.");
        Failures(run);
        Outcome(run, desk, ended);
        Content(run, ended);
        watcher.LookAtNames();
        SentAgain(run, desk, watcher);
        States(run);
        Leftovers(run);
        Canary(run);
        Handles(run);
    }

    // What is foreseen is a message or a value. A session that ends by an exception is opened anew and the transfer completes, so nothing else would show it.
    private static void Failures(SimRun run) =>
        Require("supervision", run.Cluster.World.Story.Failure is null, $"an actor threw: {run.Cluster.World.Story.Failure}.");

    private static void Outcome(SimRun run, FaultDesk desk, TransferResource ended)
    {
        Require("I4", ended.State is TransferState.Completed or TransferState.Partial or TransferState.Failed or TransferState.Cancelled, $"it ended {ended.State}.");
        Require("I5", ended.State != TransferState.Cancelled || run.User.WishedCancel, "it is cancelled, and nobody asked for that.");
        Require("I9", ended.State == TransferState.Completed || desk.MayEndOtherwise || IsWithoutReport(desk, ended), $"it ended {ended.State} ({ended.Problem}) though nothing that happened is a reason for that.");
    }

    // All was delivered, and whether the source had more to say nobody could know in time.
    private static bool IsWithoutReport(FaultDesk desk, TransferResource ended) =>
        desk.MayMissReport && ended is { State: TransferState.Partial, Problem.Reason: Reason.PartlyDelivered, Issues.Count: 0 };

    // A kill costs what was not durable: what came since the last checkpoint, and what was on its way.
    private static void SentAgain(SimRun run, FaultDesk desk, Watcher watcher)
    {
        if (desk.OnlyKills && run.Ended!.State == TransferState.Completed)
        {
            long once = run.Cluster.Sessions.CheckpointBytes + (2 * run.Cluster.Sessions.WindowBytes) + (4 * run.Cluster.Sessions.ChunkSize);
            long bound = run.Tree.Bytes + (run.Cluster.Nodes.Sum(node => node.Runs - 1) * once);
            Require("P1", watcher.BytesSent <= bound, $"{watcher.BytesSent} bytes were sent of {run.Tree.Bytes}; the bound is {bound}.");
        }
    }

    // I1: Completed is the source, byte for byte; I2 for every other end: whole files or none.
    private static void Content(SimRun run, TransferResource ended)
    {
        foreach ((string path, byte[] expected, string full) in run.Tree.At(run.Cluster.DestinationFolder))
        {
            bool isThere = File.Exists(full);
            Require("I1", isThere || ended.State != TransferState.Completed, $"'{path}' is missing, and the transfer is completed.");
            Require(
                "I1",
                !isThere || ended.State != TransferState.Completed || File.ReadAllBytes(full).AsSpan().SequenceEqual(expected),
                $"'{path}' is not the source's file, and the transfer is completed.");
        }
    }

    private static void States(SimRun run)
    {
        IReadOnlyList<object> events = run.Cluster.Hub.Events.EventsOf($"transfer-{run.Cluster.Id}");
        int ends = events.OfType<TransferEvents.Ended>().Count();
        int retries = events.OfType<TransferEvents.RetryRequested>().Count();
        Require("I4", ends == retries + 1 && events[^1] is TransferEvents.Ended, $"{ends} ends after {retries} retries; the last event is {events[^1].GetType().Name}.");
        Require("I5", events.OfType<TransferEvents.Submitted>().Count() == 1, "one submit is one transfer.");
        Epoch[] epochs = [.. events.OfType<TransferEvents.SessionGiven>().Select(given => given.Epoch)];
        Require("I4", epochs.SequenceEqual(epochs.Distinct().Order()), $"epochs only grow: {string.Join(", ", epochs)}.");
    }

    // I7: nothing of the transfer is left on any node.
    private static void Leftovers(SimRun run)
    {
        SimCluster cluster = run.Cluster;
        string staging = Path.Combine(cluster.Folder, "dst", ".clustertransfer");
        string[] staged = Directory.Exists(staging) ? [.. Directory.EnumerateDirectories(staging).Select(Path.GetFileName).OfType<string>()] : [];
        Require("I7", staged.Length == 0, $"left over in the staging folder: {string.Join(", ", staged)}.");
        string[] outgoing = [.. Directory.EnumerateFileSystemEntries(cluster.Source.OutgoingFolder).Select(Path.GetFileName).OfType<string>()];
        Require("I7", outgoing.Length == 0, $"left over at the source: {string.Join(", ", outgoing)}.");
        HashSet<string> expected = [.. run.Tree.At(cluster.DestinationFolder).Select(file => file.Full), SimRun.NeighbourOf(cluster)];
        string[] strange = [.. Directory.EnumerateFiles(Path.Combine(cluster.Folder, "dst"), "*", SearchOption.AllDirectories)
            .Where(file => !expected.Contains(file) && !file.StartsWith(staging, StringComparison.Ordinal))];
        Require("I7", strange.Length == 0, $"nobody sent {string.Join(", ", strange)}.");
        foreach (SimNode node in cluster.Nodes.Where(node => node.IsUp))
        {
            Require("I7", node.Sessions.Count == 0, $"{node.Name} still has {string.Join(", ", node.Sessions)}.");
            Require("I7", cluster.Network.PoolOf(node.Process!).Outstanding == 0, $"{node.Name} holds {cluster.Network.PoolOf(node.Process!).Outstanding} buffers.");
        }
    }

    // I10: what is not the transfer's business is as it was.
    private static void Canary(SimRun run)
    {
        string[] beside = [.. Directory.EnumerateFileSystemEntries(run.Cluster.Canary, "*", SearchOption.AllDirectories)];
        Require("I10", beside is [var only] && File.ReadAllText(only) == SimRun.Song, "the canary is not as it was.");
        Require("I10", File.ReadAllText(SimRun.NeighbourOf(run.Cluster)) == SimRun.Song, "a file beside the result is not as it was.");
    }

    // Locations keep a lock, a root and a staging folder open; transfers that are over keep nothing.
    private static void Handles(SimRun run)
    {
        foreach (SimNode node in run.Cluster.Nodes.Where(node => node.IsUp))
        {
            int open = node.Process!.OpenHandles;
            Require("I7", open <= 3, $"{node.Name} has {open} files and folders open.");
        }
    }

    private static void Require(string invariant, bool holds, string what)
    {
        if (!holds)
        {
            throw new InvariantException(invariant, what);
        }
    }
}
