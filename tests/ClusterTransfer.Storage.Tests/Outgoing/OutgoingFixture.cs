using ClusterTransfer.Model;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Storage.Outgoing;
using ClusterTransfer.Storage.Tests.Native;
using ClusterTransfer.TestKit;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Outgoing;

/// <summary>A read-only location over a test's folder and a state folder beside it.</summary>
internal sealed class OutgoingFixture : IDisposable
{
    public const int ChunkSize = 1024 * 1024;

    public static readonly OutgoingOptions Options = new() { BaseChunkSize = ChunkSize };

    private readonly TestFolder _state = new();

    public OutgoingFixture() => Location = Location.Open(new LocationOptions(new LocationName("data"), Files.Path, ReadOnly: true));

    public NativeFolder Files { get; } = new();

    public Location Location { get; }

    public string StateFolder => _state["transfer"];

    public string LogFile => _state["transfer", "scan.log"];

    public OutgoingTransfer Open(string path = "", string? resultName = null, OutgoingOptions? options = null) =>
        OutgoingTransfer.Open(Location, NativeFolder.PathOf(path), resultName, StateFolder, options ?? Options);

    /// <summary>Opens and scans to the seal.</summary>
    public OutgoingTransfer OpenScanned(string path = "", string? resultName = null)
    {
        OutgoingTransfer transfer = Open(path, resultName);
        Scan(transfer);
        return transfer;
    }

    public static void Scan(OutgoingTransfer transfer)
    {
        while (transfer.ScanNext(TestContext.Current.CancellationToken))
        {
        }
    }

    public static List<ManifestEntry> Entries(OutgoingTransfer transfer) =>
        [.. Enumerable.Range(0, transfer.PageCount).SelectMany(number => transfer.GetPage(number).Entries)];

    public static string[] Paths(OutgoingTransfer transfer) => [.. Entries(transfer).Select(entry => entry.Path.ToString())];

    /// <summary>All chunks of all pages.</summary>
    public static List<PlannedChunk> Chunks(OutgoingTransfer transfer)
    {
        List<PlannedChunk> chunks = [];
        for (int number = 0; number < transfer.PageCount; number++)
        {
            PagePlan plan = transfer.GetPlan(number);
            for (uint i = 0; i < plan.ChunkCount; i++)
            {
                chunks.Add(plan.At(new ChunkIndex(plan.FirstChunk + i)));
            }
        }

        return chunks;
    }

    public static byte[] Random(int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public void Dispose()
    {
        Location.Dispose();
        Files.Dispose();
        _state.Dispose();
    }
}
