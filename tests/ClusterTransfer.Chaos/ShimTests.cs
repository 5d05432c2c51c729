using System.Globalization;
using System.Text.RegularExpressions;
using ClusterTransfer.Chaos.Faults;
using ClusterTransfer.Chaos.Harness;
using ClusterTransfer.Chaos.Invariants;

namespace ClusterTransfer.Chaos;

/// <summary>T2: the preload shim sees what the kernel sees, so that "every durable call" means every one.</summary>
[Trait("category", "slow")]
public sealed partial class ShimTests(ITestOutputHelper output)
{
    private const string Strace = "/usr/bin/strace";
    private const string Calls =
        "openat,openat2,open,creat,write,pwrite64,writev,pwritev,ftruncate,fallocate,fsync,fdatasync,syncfs,rename,renameat,renameat2,link,linkat,"
        + "unlink,unlinkat,rmdir,mkdir,mkdirat,symlink,symlinkat,fchmod,utimensat";

    // A DllImport of "libc" by its own handle would pass by a preloaded library; ours is resolved through the main program.
    [Fact]
    public Task Destination_OfATransfer_MakesNoDurableCallThatTheShimDoesNotCount()
    {
        Assert.SkipUnless(File.Exists(Strace), "strace is not installed.");
        return Ground.RunAsync(new GroundSettings { WithShim = true, Supervised = false }, async ground =>
        {
            SourceItem item = SourceItem.SixteenChunks(ground.SourceFolder, seed: 4);
            Lane lane = ground.Destinations[0];
            string trace = Path.Combine(ground.Folder, "trace");
            await lane.Node.KillAsync();
            lane.Plan();

            // Into the node alone: strace itself writes to other folders, but need not be counted.
            lane.Node.Wrapper = [Strace, "-f", "--seccomp-bpf", "-qq", "-y", "-e", $"trace={Calls}", "-o", trace, .. lane.Node.Environment.SelectMany(each => new[] { "-E", $"{each.Name}={each.Value}" })];
            lane.Node.Environment = [];
            lane.Node.Start();
            try
            {
                await ground.ReadyAsync();
                await Round.RunAsync(ground, lane, item, new RoundSettings(), () => { });
            }
            finally
            {
                // The node is a child of strace, which ends with it and not before.
                string node = (await File.ReadAllTextAsync($"/proc/{lane.Node.Run.Id}/task/{lane.Node.Run.Id}/children")).Trim();
                await ProcessRun.CallAsync("/bin/sh", "-c", $"kill -TERM {node}");
                await lane.Node.Run.EndAsync(Patience.Process);
            }


            Dictionary<ShimCall, long> seen = Read(File.ReadLines(trace), lane.DataFolder);
            ShimCall[] durable = [.. Enum.GetValues<ShimCall>().Where(call => (ShimCalls.Durable & ShimCalls.Only(call)) != 0)];
            foreach (ShimCall call in durable)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{call}: strace {seen.GetValueOrDefault(call)}, shim {lane.Shim!.CountOf(call)}"));
            }

            Assert.True(seen.Values.Sum() > 100, $"strace saw only {seen.Values.Sum()} calls.");
            Assert.All(durable, call => Assert.Equal((ulong)seen.GetValueOrDefault(call), lane.Shim!.CountOf(call)));
        });
    }

    private static Dictionary<ShimCall, long> Read(IEnumerable<string> lines, string folder)
    {
        var counts = new Dictionary<ShimCall, long>();
        foreach (string line in lines)
        {
            // A call that another thread interrupts is written in two parts; the first has the arguments.
            Match match = Call().Match(line);
            if (match.Success && KindOf(match.Groups[1].Value, match.Groups[2].Value) is { } kind && IsBeneath(match.Groups[2].Value, kind, folder))
            {
                counts[kind] = counts.GetValueOrDefault(kind) + 1;
            }
        }

        return counts;
    }

    // Descriptors are shown with their paths: 5</a/b>. The shim judges a link by its new name, anything else by its first.
    private static bool IsBeneath(string arguments, ShimCall kind, string folder)
    {
        string about = kind switch
        {
            ShimCall.SymbolicLink => arguments[(arguments.IndexOf(',', StringComparison.Ordinal) + 1)..],
            _ => arguments,
        };
        return Path(about).Match(about) is { Success: true } path && (path.Groups[1].Value + "/").StartsWith(folder + "/", StringComparison.Ordinal);

        static Regex Path(string text) => text.TrimStart().StartsWith('"') ? QuotedPath() : DescriptorPath();
    }

    private static ShimCall? KindOf(string name, string arguments) => name switch
    {
        "open" or "openat" or "openat2" or "creat" => name == "creat" || arguments.Contains("O_CREAT", StringComparison.Ordinal) || arguments.Contains("O_TMPFILE", StringComparison.Ordinal) ? ShimCall.Create : null,
        "write" or "pwrite64" or "writev" or "pwritev" => ShimCall.Write,
        "ftruncate" => ShimCall.Truncate,
        "fallocate" => ShimCall.Allocate,
        "fsync" => ShimCall.Sync,
        "fdatasync" => ShimCall.DataSync,
        "syncfs" => ShimCall.SyncFs,
        "rename" or "renameat" or "renameat2" => ShimCall.Rename,
        "link" or "linkat" => ShimCall.Link,
        "unlink" or "unlinkat" or "rmdir" => ShimCall.Unlink,
        "mkdir" or "mkdirat" => ShimCall.MakeFolder,
        "symlink" or "symlinkat" => ShimCall.SymbolicLink,
        "fchmod" => ShimCall.ChangeMode,
        "utimensat" => ShimCall.ChangeTimes,
        _ => null,
    };

    [GeneratedRegex(@"^\d+ +(\w+)\((.*)")]
    private static partial Regex Call();

    [GeneratedRegex(@"^[^<,]*<([^>]*)>")]
    private static partial Regex DescriptorPath();

    [GeneratedRegex("""^\s*"([^"]*)""")]
    private static partial Regex QuotedPath();
}
