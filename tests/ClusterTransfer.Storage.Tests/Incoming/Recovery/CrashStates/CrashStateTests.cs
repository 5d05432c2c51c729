using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Incoming.Recovery.CrashStates;

/// <summary>Every disk that a crash at any moment of a transfer may leave behind, or a seeded sample where there are very many: recovery makes of it what was promised.</summary>
[Trait("row", "D2")]
public sealed class CrashStateTests(ITestOutputHelper output)
{
    private const int StatesOfAMoment = 24;
    private const int DeliverEach = 16;

    public static TheoryData<string, DurabilityLevel, ConflictPolicy> Transfers => new()
    {
        { "large", DurabilityLevel.Flushed, ConflictPolicy.Fail },
        { "large", DurabilityLevel.Received, ConflictPolicy.Fail },
        { "large", DurabilityLevel.Verified, ConflictPolicy.Overwrite },
        { "batch", DurabilityLevel.Flushed, ConflictPolicy.Fail },
        { "batch", DurabilityLevel.Received, ConflictPolicy.Fail },
        { "batch", DurabilityLevel.Flushed, ConflictPolicy.Overwrite },
    };

    [Theory]
    [Trait("category", "slow")]
    [MemberData(nameof(Transfers))]
    public void Crash_InAnyStateOfTheDisk_LosesNothingThatWasPromisedAndShowsNoPart(string what, DurabilityLevel level, ConflictPolicy conflict)
    {
        ManualSource source = what == "large" ? ManualSource.Single(ManualSource.Base + 5_000) : Batch();
        ManualSource? old = conflict == ConflictPolicy.Overwrite ? Older(source) : null;
        IncomingOptions options = new() { FreeSpaceMarginBytes = 0, Durability = level, Conflict = conflict };
        using var folder = new FastFolder();
        using var to = new Destination(folder.Create("first")) { Options = options };
        Place(to, old);
        List<DiskChange> log = Record(to, source, out int start);
        var random = new Random(1);
        HashSet<string> states = [];
        for (int end = start; end <= log.Count; end++)
        {
            Promised[] promised = [.. log.Take(end).OfType<Promised>()];
            foreach (Dictionary<int, Fate> fates in FatesOf(log, CrashState.Undecided(log, start, end), random))
            {
                var state = new CrashState(log, end, fates);
                if (!states.Add($"{promised.Length} {state.Signature()}"))
                {
                    continue;
                }

                string root = folder.Create("found");
                Dictionary<(ulong Inode, long Born), FileStatus> identities = state.Build(root);
                using (new FoundDisk(identities))
                {
                    try
                    {
                        Check(root, to.Id, options, source, old, promised, goOn: states.Count % DeliverEach == 0);
                    }
                    catch (Exception error)
                    {
                        throw new InvalidOperationException($"Crash before {end} ({Tell(log, end)}), with {string.Join(", ", fates.Select(fate => $"{fate.Key} {Tell(log, fate.Key)} {fate.Value}"))}", error);
                    }
                }

                Directory.Delete(root, recursive: true);
            }
        }

        output.WriteLine($"{log.Count - start} changes, {states.Count} states");
        Assert.InRange(states.Count, 300, int.MaxValue); // else it says little
    }

    // That the enumeration bites: a file under its final name whose bytes no flush has made sure of is found to be a part.
    [Fact]
    public void Undecided_OfARenameBeforeTheFlush_HasAStateWithAPart()
    {
        using var folder = new FastFolder();
        string root = folder.Create("first");
        using FolderHandle at = FolderHandle.OpenAbsolute(root);
        using var log = new DiskLog(root);
        using (FileHandle file = at.CreateFile("staged"u8, 0x180))
        {
            file.Write(new byte[100], 0);
        }

        at.TryRenameNoReplace("staged"u8, at, "final"u8).OrThrow("rename", at);
        at.Flush();
        log.Promise([], []);
        List<int> undecided = CrashState.Undecided(log.Changes, log.Start, log.Changes.Count);
        int write = log.Changes.FindIndex(change => change is Written);
        Assert.Contains(write, undecided);
        Assert.DoesNotContain(log.Changes.FindIndex(change => change is Named), undecided);
        string found = folder.Create("found");
        new CrashState(log.Changes, log.Changes.Count, new Dictionary<int, Fate> { [write] = Fate.FirstHalf }).Build(found);
        Assert.Equal(50, new FileInfo(Path.Combine(found, "final")).Length);
    }

    private static List<DiskChange> Record(Destination to, ManualSource source, out int start)
    {
        using var log = new DiskLog(to.Root);
        start = log.Start;
        using IncomingTransfer transfer = to.Open();
        source.Deliver(transfer, checkpointEvery: 1, told => log.Promise(told.Durable.Select(chunk => chunk.Value), told.Published.Select(file => file.Path.ToString())));
        transfer.Dispose();
        log.Dispose();
        to.AssertEqualFiles(source);
        return log.Changes;
    }

    private static void Check(string root, TransferId id, IncomingOptions options, ManualSource source, ManualSource? old, IReadOnlyList<Promised> promised, bool goOn)
    {
        using var to = new Destination(root) { Id = id, Options = options };
        to.AssertNoPart(source, old); // I2, before anything is done about it
        using IncomingTransfer transfer = to.Open();
        while (transfer.VerifyNext(out _))
        {
            // What is lost is wanted below.
        }

        to.AssertNoPart(source, old);
        HashSet<uint> wanted = [.. source.Wanted(transfer, allPages: false).Select(chunk => chunk.Index.Value)];
        Assert.Empty(wanted.Intersect(promised.SelectMany(promise => promise.Durable))); // I3
        foreach (string path in promised.SelectMany(promise => promise.Published))
        {
            Assert.True(File.Exists(to.In(path.Split('/'))) || new FileInfo(to.In(path.Split('/'))).LinkTarget is not null, $"{path} was told as published and is gone.");
        }

        if (transfer.IsFinished)
        {
            to.AssertEqualFiles(source);
        }
        else if (goOn)
        {
            source.Deliver(transfer);
            to.AssertEqualFiles(source);
            Assert.Empty(to.Staged());
        }
    }

    // All subsets of what is undecided while they are few; else a sample that has nothing lost, everything lost and each one lost.
    private static IEnumerable<Dictionary<int, Fate>> FatesOf(List<DiskChange> log, List<int> undecided, Random random)
    {
        Fate[] Possible(int at) => log[at] is Written ? [Fate.Kept, Fate.Lost, Fate.FirstHalf, Fate.LastHalf] : [Fate.Kept, Fate.Lost];

        double all = undecided.Aggregate(1.0, (product, at) => product * Possible(at).Length);
        if (all <= StatesOfAMoment)
        {
            IEnumerable<Dictionary<int, Fate>> states = [[]];
            foreach (int at in undecided)
            {
                states = [.. states.SelectMany(state => Possible(at).Select(fate => new Dictionary<int, Fate>(state) { [at] = fate }))];
            }

            return states;
        }

        List<Dictionary<int, Fate>> sample = [[], undecided.ToDictionary(at => at, _ => Fate.Lost)];
        while (sample.Count < StatesOfAMoment)
        {
            int one = sample.Count - 2;
            sample.Add(one < undecided.Count
                ? new Dictionary<int, Fate> { [undecided[one]] = Fate.Lost }
                : undecided.ToDictionary(at => at, at => Possible(at)[random.Next(Possible(at).Length)]));
        }

        return sample;
    }

    private static string Tell(List<DiskChange> log, int at) => at == log.Count ? "the end" : log[at] switch
    {
        Named named => $"names -[{string.Join(' ', named.Removed.Select(name => name.Name))}] +[{string.Join(' ', named.Added.Select(name => name.Name))}]",
        Written written => $"write of {written.Bytes.Length} at {written.Offset} of {written.Node}",
        DiskChange other => other.ToString(),
    };

    private static ManualSource Batch() => new ManualSource().Folder("t").File("t/a", [1, 2, 3]).File("t/b", []).Link("t/c", "a", 3).Folder("t/d").File("t/d/e", [4, 5, 6, 7]);

    private static ManualSource Older(ManualSource source)
    {
        ManualSource old = source;
        foreach ((ManifestEntry entry, byte[] bytes) in source.Entries.Where(entry => entry.Entry.Kind == EntryKind.File))
        {
            old = old.Rewritten(entry.Path.ToString(), [.. bytes.Take(100), 99]);
        }

        return old;
    }

    private static void Place(Destination to, ManualSource? old)
    {
        foreach ((ManifestEntry entry, byte[] bytes) in old?.Entries.Where(entry => entry.Entry.Kind == EntryKind.File) ?? [])
        {
            string path = to.In(entry.Path.ToString().Split('/'));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, bytes);
        }
    }

    // In memory where the system has such a folder: thousands of disks are built here, and none needs to outlive the test.
    private sealed class FastFolder : IDisposable
    {
        private const string Memory = "/dev/shm";
        private readonly DirectoryInfo _folder = Directory.Exists(Memory)
            ? Directory.CreateDirectory(Path.Combine(Memory, $"clustertransfer-test-{Guid.NewGuid():N}"))
            : Directory.CreateTempSubdirectory("clustertransfer-test-");

        public string Create(string name) => _folder.CreateSubdirectory(name).FullName;

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
