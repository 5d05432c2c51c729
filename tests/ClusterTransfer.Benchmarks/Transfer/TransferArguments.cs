using System.Globalization;
using ClusterTransfer.Benchmarks.Transfer.Tools;

namespace ClusterTransfer.Benchmarks.Transfer;

/// <summary>What <c>scripts/bench.sh transfer</c> was asked for.</summary>
internal sealed record TransferArguments
{
    public const string Usage =
        """
        usage: scripts/bench.sh transfer [OPTION VALUE]...
          --data LIST      of big, tree, tar, wan, wan1g, separated by commas (default: big,tree)
          --tools LIST     which tools, separated by commas (default: all; 'list' shows them)
          --runs N         measured copies by each tool, 1 to 100 (default: 5)
          --size SIZE      of the one file of big, tar and wan, such as 512MiB or 1GB (default: 4GiB, 2GiB, 100MB; wan1g: 1GB)
          --files N        files of tree (default: 20000)
          --out FILE       the table; the picture lies beside it as .svg (default: docs/benchmarks/transfer-DATE.md)
          --work FOLDER    on the disk to be measured; all is in clustertransfer-bench in there (default: artifacts)
          --time-limit S   seconds until a copy is ended and counts as too slow (default: 600)
          --touch SIZE     memory to touch before, 0 for none (default: three times the data, at most half of what is free)
          --install        installs missing tools with apt-get, as root
          --keep           leaves data sets and emptied copies in the work folder: the next run finds them
        """;

    /// <summary>Data sets by name.</summary>
    public IReadOnlyList<string> Data { get; init; } = ["big", "tree"];

    public IReadOnlyList<Tool> Tools { get; init; } = Catalogue.All;

    public int Runs { get; init; } = 5;

    /// <summary>Bytes of the one file; null for what the data set has by itself.</summary>
    public long? Size { get; init; }

    public int Files { get; init; } = 20_000;

    /// <summary>Whether all dirty pages of the machine are written before each copy; on a machine whose disk is busy with others that takes long.</summary>
    public bool Flushes { get; init; } = true;

    /// <summary>Null for a file named by the date.</summary>
    public string? Out { get; init; }

    /// <summary>A folder on the disk to be measured; all lies in <see cref="Folder"/>.</summary>
    public string Work { get; init; } = Path.Combine(Repository.Root, "artifacts");

    /// <summary>The folder that is ours alone, so that it can be deleted.</summary>
    public string Folder => Path.GetFullPath(Path.Combine(Work, "clustertransfer-bench"));

    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Bytes of memory to touch; null for as much as the data suggest.</summary>
    public long? Touch { get; init; }

    public bool Installs { get; init; }

    public bool Keeps { get; init; }

    /// <summary>The released <c>ct</c>: environment <c>CT_CLIENT</c>, else the one that the scripts build.</summary>
    public string Ct { get; init; } = Environment.GetEnvironmentVariable("CT_CLIENT") is { Length: > 0 } given ? given : Path.Combine(Repository.Root, "artifacts", "ct", "ct");

    /// <summary>What was typed, for the report.</summary>
    public string Line { get; init; } = "";

    /// <summary>Understands a command line.</summary>
    /// <exception cref="BenchmarkException">It cannot be understood; says why.</exception>
    public static TransferArguments Parse(IReadOnlyList<string> words)
    {
        var result = new TransferArguments { Line = string.Join(' ', words) };
        for (int index = 0; index < words.Count; index++)
        {
            string option = words[index];
            if (option is "--install" or "--keep")
            {
                result = option == "--install" ? result with { Installs = true } : result with { Keeps = true };
                continue;
            }

            string value = index + 1 < words.Count ? words[++index] : throw new BenchmarkException($"{option} is unknown or wants a value");
            result = option switch
            {
                "--data" => result with { Data = Words(option, value, Scenario.Names) },
                "--tools" => result with { Tools = [.. Words(option, value, [.. Catalogue.All.Select(tool => tool.Name)]).Select(name => Catalogue.All.First(tool => tool.Name == name))] },
                "--runs" => result with { Runs = (int)Number(option, value, 1, 100) },
                "--size" => result with { Size = Bytes(option, value) is > 0 and var size ? size : throw new BenchmarkException("--size must be more than nothing") },
                "--files" => result with { Files = (int)Number(option, value, 1, 1_000_000) },
                "--out" => result with { Out = value },
                "--work" => result with { Work = value },
                "--time-limit" => result with { TimeLimit = TimeSpan.FromSeconds(Number(option, value, 1, 86_400)) },
                "--touch" => result with { Touch = Bytes(option, value) },
                _ => throw new BenchmarkException($"{option} is unknown"),
            };
        }

        return result;
    }

    /// <summary>A size such as <c>4GiB</c>, <c>100MB</c> or <c>65536</c>.</summary>
    internal static long Bytes(string option, string text)
    {
        (string Unit, long Factor)[] units = [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("", 1)];
        (string unit, long factor) = units.First(one => text.EndsWith(one.Unit, StringComparison.OrdinalIgnoreCase));
        return Number(option, text[..^unit.Length], 0, (1L << 44) / factor) * factor;
    }

    private static long Number(string option, string text, long least, long most) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value >= least && value <= most
            ? value
            : throw new BenchmarkException($"{option} wants a number from {least} to {most}, not '{text}'");

    private static string[] Words(string option, string value, IReadOnlyList<string> known)
    {
        string[] words = [.. value.Split(',', StringSplitOptions.RemoveEmptyEntries).Distinct()];
        return words.Length > 0 && words.All(known.Contains) ? words : throw new BenchmarkException($"{option} wants one or more of {string.Join(", ", known)}; got '{value}'");
    }
}
