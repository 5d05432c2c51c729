using System.Text.Json;
using ClusterTransfer.Benchmarks.Transfer.Processes;
using ClusterTransfer.Benchmarks.Transfer.Servers;

namespace ClusterTransfer.Benchmarks.Transfer.Tools;

/// <summary>ClusterTransfer: two nodes that run already, and <c>ct cp</c>, which hands them a copy and waits until every file is flushed to disk.</summary>
/// <param name="plain">Without encryption of the data connections, which only tests can have.</param>
internal sealed class CtTool(bool plain) : Tool
{
    /// <summary>The switch of both nodes for plain data connections.</summary>
    public const string PlainSwitch = "CLUSTERTRANSFER_UNSAFE_PLAIN_DATA";

    public override string Name => plain ? "ct-plain" : "ct";

    public override string Encryption => plain ? "" : "yes";

    public override string Verification => "BLAKE3, flushed";

    public override IReadOnlyList<Need> Needs => [];

    // The nodes' machine code reaches its last form only after some copies.
    public override int WarmUps => 4;

    public override async Task<ReadyTool> StartAsync(Stage stage, string landing, CancellationToken cancellationToken)
    {
        if (plain && !CtNodes.Knows(stage.Ct, PlainSwitch))
        {
            throw new BenchmarkException($"this ct does not know {PlainSwitch}");
        }

        var environment = new Dictionary<string, string>();
        if (plain)
        {
            environment[PlainSwitch] = "1";
        }

        CtNodes nodes = await CtNodes.StartAsync(stage, Name, landing, environment, cancellationToken);
        return new ReadyTool
        {
            SourceServers = [nodes.Source],
            DestinationServers = [nodes.Destination],
            CommandIsDestination = false,
            Copy = (data, destination) => nodes.Ask("cp", $"src:{data.Item}", $"dst:{Path.GetRelativePath(landing, destination)}", "--durability", "flushed", "--progress", "none", "-o", "json"),
            OwnClock = Clock,
        };
    }

    /// <summary>From the submit to Completed, by the hub's clock.</summary>
    /// <param name="output">What <c>ct cp -o json</c> wrote.</param>
    internal static TimeSpan? Clock(string output)
    {
        try
        {
            using JsonDocument transfer = JsonDocument.Parse(output);
            return transfer.RootElement.GetProperty("endedAt").GetDateTimeOffset() - transfer.RootElement.GetProperty("createdAt").GetDateTimeOffset();
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
