using System.Globalization;
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
    private const long WarmUpWanBytes = 5_000_000;

    /// <summary>What the command line takes.</summary>
    public static IReadOnlyList<string> Names { get; } = ["big", "tree", "tar", "wan", "wan1g"];

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
        "wan" => [Wan("wan-100m", arguments.Size ?? 100_000_000, 0), Wan("wan-100m", arguments.Size ?? 100_000_000, 1)],
        "wan1g" => [Wan("wan-1g", arguments.Size ?? 1_000_000_000, 0), Wan("wan-1g", arguments.Size ?? 1_000_000_000, 1)],
        _ => throw new BenchmarkException($"there is no data set '{name}'"),
    };

    private static Scenario File(string name, long bytes, string description, Func<DataMaker, long, DataSet> make) =>
        new(name, description, maker => make(maker, bytes), maker => make(maker, Math.Min(WarmUpBytes, bytes)), LoopbackNetwork.MakeAsync);

    private static Scenario Wan(string name, long bytes, int lossPercent)
    {
        var settings = new WanSettings(TimeSpan.FromMilliseconds(50), 200_000_000, lossPercent);
        return new Scenario(
            string.Create(CultureInfo.InvariantCulture, $"{name}-{lossPercent}"), "one file that nothing compresses", maker => maker.Incompressible("wan", bytes),
            maker => maker.Incompressible("wan", Math.Min(WarmUpWanBytes, bytes)), cancellationToken => WanNetwork.MakeAsync(settings, cancellationToken));
    }
}
