using System.Globalization;
using ClusterTransfer.Model.Stages;

namespace ClusterTransfer.Cli.Output;

/// <summary>Stages in words: what holds a transfer up, and what helps.</summary>
internal static class StageText
{
    // Of the others, those that are worth a word on one line.
    private const double Worth = 0.05;
    private const int MaxOthers = 3;

    /// <summary>One line: the limiter and those beside it.</summary>
    public static string Line(BottleneckResource bottleneck)
    {
        string[] others =
        [
            .. bottleneck.Stages
                .Where(other => other.Stage != bottleneck.Limiter && other.Share >= Worth)
                .Take(MaxOthers)
                .Select(other => $"{Name(other.Stage)} {Percent(other.Share)}"),
        ];
        return $"{Place(bottleneck.Limiter)} {Percent(bottleneck.Share)}{(others.Length == 0 ? string.Empty : $" ({string.Join(", ", others)})")}";
    }

    /// <summary>All stages, with shares however small.</summary>
    public static string All(BottleneckResource bottleneck) =>
        string.Join(", ", bottleneck.Stages.Select(one => string.Create(CultureInfo.InvariantCulture, $"{Name(one.Stage)} {100 * one.Share:0.0} %")));

    /// <summary>A sentence on what holds it up.</summary>
    public static string Sentence(BottleneckResource bottleneck) =>
        $"It runs. {What(bottleneck.Limiter)}: {Percent(bottleneck.Share)} of what its chunks wait for and work at.";

    /// <summary>What helps.</summary>
    public static string Remedy(Stage limiter) => limiter switch
    {
        Stage.List => "Nothing is wrong when there are many small files; a source whose folders lie on a faster disk lists them faster, and a destination with a faster disk takes them faster.",
        Stage.Throttle => "Raise the limit, or take it away.",
        Stage.Read => "See what else reads from that disk. Where it is a fast one, or one of many disks, raise data-plane.workers of the source and use more connections.",
        Stage.Hash => "Give the source more processors and raise its data-plane.workers to as many; see what else runs there.",
        Stage.Compress => "Give the source more processors and raise its data-plane.workers to as many. Where the hub has a codec in transfers.compression, auto chooses by what pays.",
        Stage.Seal => "Use more connections, each seals on its own; see what else runs on the source, and whether its processor has AES instructions.",
        Stage.Network => "The line is as fast as it gets, or loses packets: compare the rate with what the line should do, and look at what else it carries. Compression helps where files can be compressed.",
        Stage.Window => "On a line with a long round trip raise data-plane.session-window of both nodes to more than rate times round trip; on a short one that is slow this is the line.",
        Stage.Open => "Use more connections, each is opened on its own; see what else runs on the destination, and whether its processor has AES instructions.",
        Stage.Verify => "Give the destination more processors and raise its data-plane.workers to as many; see what else runs there.",
        Stage.Write => "See what else writes to that disk. Where it is a fast one, or one of many disks, raise data-plane.workers of the destination.",
        Stage.Flush => "See what else writes to that disk. Larger transfers.checkpoint-bytes and transfers.checkpoint-interval flush less often, at the price of more to send again after a crash.",
        _ => "See docs/bottleneck.md of the version that the hub runs.",   // of a newer node
    };

    private static string Place(Stage stage) => stage switch
    {
        Stage.List => "source: list",
        Stage.Read => "source disk: read",
        Stage.Hash or Stage.Compress or Stage.Seal => $"source processor: {Name(stage)}",
        Stage.Open or Stage.Verify => $"destination processor: {Name(stage)}",
        Stage.Write or Stage.Flush => $"destination disk: {Name(stage)}",
        _ => Name(stage),
    };

    private static string Name(Stage stage) => stage.ToString().ToLowerInvariant();

    private static string What(Stage stage) => stage switch
    {
        Stage.List => "The list of its files limits it",
        Stage.Throttle => "A limit holds it back",
        Stage.Read => "Reading from the disk of the source limits it",
        Stage.Hash => "Hashing at the source limits it",
        Stage.Compress => "Compressing at the source limits it",
        Stage.Seal => "Encrypting at the source limits it",
        Stage.Network => "The network limits it",
        Stage.Window => "The window limits it, all that may be on the way is",
        Stage.Open => "Decrypting at the destination limits it",
        Stage.Verify => "Checking what arrives at the destination limits it",
        Stage.Write => "Writing to the disk of the destination limits it",
        Stage.Flush => "Flushing the disk of the destination limits it",
        _ => $"{stage} limits it",
    };

    // Rounded down to none it would seem to be nothing.
    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, Math.Round(100 * share)):0} %");
}
