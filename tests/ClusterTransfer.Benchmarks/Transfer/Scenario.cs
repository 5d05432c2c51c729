using ClusterTransfer.Benchmarks.Transfer.Data;
using ClusterTransfer.Benchmarks.Transfer.Networks;

namespace ClusterTransfer.Benchmarks.Transfer;

/// <summary>A data set and the network it crosses: what tools are compared on.</summary>
/// <param name="Name">As in results and goals.</param>
/// <param name="Description">For the report.</param>
/// <param name="Make">Makes the data.</param>
/// <param name="WarmUp">Makes less of the same, for copies that are not counted.</param>
/// <param name="Connect">Makes the network.</param>
internal sealed record Scenario(string Name, string Description, Func<DataMaker, DataSet> Make, Func<DataMaker, DataSet> WarmUp, Func<CancellationToken, Task<INetwork>> Connect)
{
    private const long WarmUpBytes = 256L << 20;
    private const int WarmUpFiles = 1_000;

    /// <summary>What the command line takes.</summary>
    public static IReadOnlyList<string> Names { get; } = ["big", "tree", "tar"];

    /// <summary>The scenarios of a word of the command line.</summary>
    public static IReadOnlyList<Scenario> Of(string name, TransferArguments arguments) => name switch
    {
        "big" => [File("big", arguments.Size ?? 4L << 30, "one file that nothing compresses", (maker, bytes) => maker.Incompressible("big", bytes))],
        "tar" => [File("tar", arguments.Size ?? 2L << 30, "one file that compresses to a third", (maker, bytes) => maker.Compressible("tar", bytes))],
        "tree" =>
        [
            new("tree", $"{arguments.Files:#,0} files with sizes as in a system's /usr", maker => maker.Tree("tree", arguments.Files),
                maker => maker.Tree("tree", Math.Min(WarmUpFiles, arguments.Files)), LoopbackNetwork.MakeAsync),
        ],
        _ => throw new BenchmarkException($"there is no data set '{name}'"),
    };

    private static Scenario File(string name, long bytes, string description, Func<DataMaker, long, DataSet> make) =>
        new(name, description, maker => make(maker, bytes), maker => make(maker, Math.Min(WarmUpBytes, bytes)), LoopbackNetwork.MakeAsync);
}
