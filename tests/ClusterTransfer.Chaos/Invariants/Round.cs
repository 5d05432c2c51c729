using System.Globalization;
using ClusterTransfer.Chaos.Harness;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Chaos.Invariants;

/// <summary>Which outcomes a fault may have besides Completed, and what it may cost.</summary>
internal sealed record RoundSettings
{
    /// <summary>Reasons for which the transfer may fail or be partly delivered; taken up again it must then complete. None: it must complete by itself.</summary>
    public IReadOnlyList<Reason> MayFailFor { get; init; } = [];

    /// <summary>Exit codes besides 137, that is SIGKILL, with which a node may end.</summary>
    public IReadOnlyList<int> MayExitWith { get; init; } = [];

    /// <summary>Whether the fault may hit the removal of what is left. The node then looks for leftovers when it next links to the hub, and each hour.</summary>
    public bool MayNeedJanitor { get; init; }

    /// <summary>Whether the fault may take what was durable: a flipped bit, a file given up for a disk that failed.</summary>
    public bool MayLoseDurable { get; init; }

    /// <summary>Whether all that ends a session is the death of a process: then what is sent again is at most a checkpoint and a window for each.</summary>
    public bool OnlyDeaths { get; init; }

    /// <summary>Whether the destination's disk is away just now, so that nobody can look at it.</summary>
    public Func<bool> IsDiskAway { get; init; } = static () => false;

    /// <summary>When the files count as delivered.</summary>
    public DurabilityLevel Durability { get; init; } = DurabilityLevel.Flushed;

    /// <summary>Called once the transfer is accepted, beside its run; gets a follower of it.</summary>
    public Func<TransferFollower, Task>? Meanwhile { get; init; }

    /// <summary>How the transfer must end when the scenario ends it itself.</summary>
    public TransferState Wanted { get; init; } = TransferState.Completed;
}

/// <summary>What a round was like.</summary>
/// <param name="First">How the transfer first ended.</param>
/// <param name="Exits">Exit codes of nodes that ended meanwhile.</param>
/// <param name="BytesAgain">Bytes sent beyond those of the item, TLS included; 0 without a counting relay.</param>
/// <param name="Events">Its story.</param>
internal sealed record RoundOutcome(TransferResource First, IReadOnlyList<int> Exits, long BytesAgain, IReadOnlyList<TransferEvent> Events);

/// <summary>One transfer under faults, and after it the claims I1 to I12 as far as they can be seen from outside.</summary>
internal static class Round
{
    // TLS records and frame headers, the manifest, a handshake for each connection of each session.
    private const double Overhead = 0.02;
    private const long OverheadPerSession = 256 << 10;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    /// <summary>Copies an item of the source to a destination and checks everything; throws when any claim does not hold.</summary>
    /// <param name="ground">Where.</param>
    /// <param name="lane">To which destination.</param>
    /// <param name="item">Which item.</param>
    /// <param name="settings">What may happen.</param>
    /// <param name="arm">Sets the faults; called right before the transfer is submitted.</param>
    public static async Task<RoundOutcome> RunAsync(Ground ground, Lane lane, SourceItem item, RoundSettings settings, Action arm)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"r{ground.NextRound()}");
        string target = Path.Combine(lane.DataFolder, name, item.Name);
        long forwardBefore = lane.Relay?.BytesForward ?? 0;
        var violations = new List<string>();
        await using var watcher = new FinalNameWatcher(target, item.Snapshot, settings.IsDiskAway);
        lane.ForgetExits();
        if (ground.Destinations.Count == 1)
        {
            ground.Source.ForgetExits();
            ground.Hub.ForgetExits();
        }

        arm();
        TransferResource accepted = await SubmitAsync(ground, lane, item, name, settings);
        TransferFollower follower = new(ground.Hub.Node, accepted.Id);
        TransferResource ended;
        List<TransferEvent> events;
        try
        {
            Task meanwhile = settings.Meanwhile?.Invoke(follower) ?? Task.CompletedTask;
            ended = await follower.EndedAsync();
            await meanwhile;
            events = [.. follower.Events];
            Heal(ground, lane);
            TransferResource last = ended;
            if (ended.State != settings.Wanted)
            {
                violations.AddRange(JudgeFailure(ended, settings, target, item));
                if (settings.Wanted == TransferState.Completed && violations.Count == 0)
                {
                    await follower.DisposeAsync();
                    last = await TakeUpAgainAsync(ground, accepted.Id);
                    if (last.State != TransferState.Completed)
                    {
                        violations.Add($"I9: taken up again without any fault it ended {last.State}: {last.Problem}; {string.Join("; ", last.Issues.Take(3).Select(issue => $"{issue.Path}: {issue.Problem}"))}");
                    }
                }
            }

            if (violations.Count == 0)
            {
                violations.AddRange(await JudgeEndAsync(ground, lane, item, settings, name, target, last));
            }
        }
        catch (ChaosException error)
        {
            throw new ChaosException($"{error.Message}\n---- transfer {accepted.Id} into {lane.Location}:{name}\n{follower.Story()}", error);
        }
        finally
        {
            Heal(ground, lane);
            await follower.DisposeAsync();
        }

        violations.AddRange(await watcher.StopAsync());
        if (watcher.Looks == 0)
        {
            violations.Add("I12: nobody looked at the final names");
        }

        int[] exits = [.. new[] { lane, ground.Source, ground.Hub }.Distinct().SelectMany(each => each.ExitCodes)];
        violations.AddRange(exits.Where(code => code != ProcessRun.KilledExitCode && !settings.MayExitWith.Contains(code)).Select(code => $"a node ended with exit code {code}"));
        long again = lane.Relay is null ? 0 : Math.Max(0, lane.Relay.BytesForward - forwardBefore - (long)(item.Snapshot.Bytes * (1 + Overhead)));
        long allowed = (exits.Length * ((long)ground.Settings.CheckpointBytes + ground.Settings.WindowBytes)) + (ended.Sessions * OverheadPerSession);
        // A hub that was killed shows what it had noted, some seconds old, until the destination reports.
        if (!settings.MayLoseDurable && ground.Hub.ExitCodes.Count == 0)
        {
            violations.AddRange(follower.DurableLost.Select(line => $"I3: {line}"));
        }

        if (settings.OnlyDeaths && again > allowed)
        {
            violations.Add($"RS-18: {again} bytes were sent again; a checkpoint and a window for each of {exits.Length} deaths are {allowed}");
        }

        if (violations.Count > 0)
        {
            string story = string.Join('\n', events.Select(item => $"{item.At:HH:mm:ss.fff} {item.Kind}: {item.Text}"));
            throw new ChaosException($"{string.Join('\n', violations)}\n---- transfer {accepted.Id} into {lane.Location}:{name}, {ended.State} {ended.Problem}\n{story}");
        }

        // Of a transfer that was cancelled early there is none.
        if (Directory.Exists(Path.Combine(lane.DataFolder, name)))
        {
            Directory.Delete(Path.Combine(lane.DataFolder, name), recursive: true);
        }

        return new RoundOutcome(ended, exits, again, events);
    }

    // I5: repeated with one key until it is answered; the hub may be the one that dies.
    private static async Task<TransferResource> SubmitAsync(Ground ground, Lane lane, SourceItem item, string name, RoundSettings settings)
    {
        var body = new SubmitTransfer { Source = $"src:{item.Name}", Destination = $"{lane.Location}:{name}", Durability = settings.Durability };
        TransferResource? accepted = null;
        string last = "";
        await Patience.UntilAsync($"the transfer is accepted ({last})", Patience.Transfer, async () =>
        {
            try
            {
                accepted = await ground.Hub.Node.Client.SubmitAsync(body, $"{lane.Location}-{name}", TestContext.Current.CancellationToken);
                return true;
            }
            catch (ClusterTransferException error) when (error.Problem.Reason.Info().Class == ReasonClass.Transient || error.Problem.Reason == Reason.LocationUnknown)
            {
                last = error.Message;
                return false;
            }
        });
        return accepted!; // set when the wait ended
    }

    private static async Task<TransferResource> TakeUpAgainAsync(Ground ground, TransferId id)
    {
        await ground.Hub.Node.Client.RetryAsync(id.Value, TestContext.Current.CancellationToken);
        await using var again = new TransferFollower(ground.Hub.Node, id);
        return await again.WhenAsync("the retried transfer has ended", now => now.Retries > 0 && now.State.IsTerminal());
    }

    private static IEnumerable<string> JudgeFailure(TransferResource ended, RoundSettings settings, string target, SourceItem item)
    {
        Reason[] reasons = [.. ended.Issues.Select(issue => issue.Problem.Reason).Append(ended.Problem?.Reason ?? Reason.None).Where(reason => reason is not (Reason.None or Reason.PartlyDelivered)).Distinct()];
        if (reasons.Length == 0 || reasons.Any(reason => !settings.MayFailFor.Contains(reason)))
        {
            yield return $"it ended {ended.State} for {string.Join(", ", reasons)}: {ended.Problem} {string.Join("; ", ended.Issues.Select(issue => $"{issue.Path}: {issue.Problem}"))}";
        }

        int expected = ended.State == TransferState.Partial ? Reason.PartlyDelivered.Info().ExitCode : ended.Problem?.Reason.Info().ExitCode ?? -1;
        if (ended.ExitCode != expected)
        {
            yield return $"it ended {ended.State} with exit code {ended.ExitCode} instead of {expected}";
        }

        // What stands there of a transfer that was cut short is whole too.
        foreach ((string path, SnapshotEntry found) in TreeSnapshot.Of(target).Entries.Where(entry => entry.Value.Kind == "file"))
        {
            if (item.Snapshot.Entries.GetValueOrDefault(path) != found)
            {
                yield return $"I1: {path} of a {ended.State} transfer is {found}";
            }
        }
    }

    private static async Task<IReadOnlyList<string>> JudgeEndAsync(
        Ground ground, Lane lane, SourceItem item, RoundSettings settings, string name, string target, TransferResource last)
    {
        var violations = new List<string>();
        if (last.State == TransferState.Completed)
        {
            violations.AddRange(item.Snapshot.DifferencesTo(TreeSnapshot.Of(target)).Select(line => $"I1: {line}"));
            if (last.ExitCode != 0 || last.Problem is not null || last.Progress.FilesPublished != item.Files)
            {
                violations.Add($"I1: Completed with exit code {last.ExitCode}, {last.Progress.FilesPublished} of {item.Files} files, {last.Problem}");
            }
        }

        await LeftoversGoneAsync(ground, lane, settings, last.Id);
        if (last.State != settings.Wanted && settings.Wanted != TransferState.Completed)
        {
            violations.Add($"I4: it ended {last.State} instead of {settings.Wanted}");
        }

        TransferResource now = await AskAsync(ground, last.Id);
        if (now.State != last.State)
        {
            violations.Add($"I4: after its end {last.State} it became {now.State}");
        }

        int same = 0;
        await foreach (TransferResource transfer in ground.Hub.Node.Client.ListAsync(cancellationToken: TestContext.Current.CancellationToken))
        {
            same += transfer.Destination == $"{lane.Location}:{name}" ? 1 : 0;
        }

        if (same != 1)
        {
            violations.Add($"I5: one key made {same} transfers");
        }

        return violations;
    }

    // I7: the word of the end comes by message, so it is waited for.
    private static async Task LeftoversGoneAsync(Ground ground, Lane lane, RoundSettings settings, TransferId id)
    {
        string staging = Path.Combine(lane.DataFolder, ".clustertransfer");
        if (settings.MayNeedJanitor)
        {
            try
            {
                await Patience.UntilAsync("nothing is left", Soon, () => Directory.GetDirectories(staging).Length == 0);
            }
            catch (ChaosException)
            {
                // Started again by its supervisor.
                await lane.Node.KillAsync();
            }
        }

        await Patience.UntilAsync(
            $"I7: nothing of the transfer is left in '{staging}' ({string.Join(", ", Entries(staging))})", Patience.Process, () => Directory.GetDirectories(staging).Length == 0);
        string manifest = Path.Combine(ground.Source.Node.StateFolder, "outgoing", id.Value);
        await Patience.UntilAsync($"I7: '{manifest}' is gone", Patience.Process, () => !Directory.Exists(manifest));

        static IEnumerable<string?> Entries(string folder) => Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName);
    }

    private static async Task<TransferResource> AskAsync(Ground ground, TransferId id)
    {
        TransferResource? found = null;
        await Patience.UntilAsync("the hub answers", Patience.Process, async () =>
        {
            try
            {
                found = await ground.Hub.Node.Client.GetAsync(id.Value, TestContext.Current.CancellationToken);
                return true;
            }
            catch (ClusterTransferException error) when (error.Problem.Reason.Info().Class == ReasonClass.Transient)
            {
                return false;
            }
        });
        return found!; // set when the wait ended
    }

    // Of this round only: other destinations have rounds of their own.
    private static void Heal(Ground ground, Lane lane)
    {
        foreach (Lane each in new[] { lane, ground.Source, ground.Hub })
        {
            each.Heal();
        }
    }
}
