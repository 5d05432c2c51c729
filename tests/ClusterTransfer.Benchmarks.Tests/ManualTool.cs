using ClusterTransfer.Benchmarks.Transfer;
using ClusterTransfer.Benchmarks.Transfer.Processes;
using ClusterTransfer.Benchmarks.Transfer.Tools;

namespace ClusterTransfer.Benchmarks.Tests;

/// <summary>A tool that is a line of shell; <c>$0</c> is what to copy, <c>$1</c> where to.</summary>
internal sealed class ManualTool(string name, string line, params Need[] needs) : Tool
{
    public override string Name => name;

    public override int WarmUps => 0;

    public override IReadOnlyList<Need> Needs => needs;

    public override Task<ReadyTool> StartAsync(Stage stage, string landing, CancellationToken cancellationToken) => name == "no-server"
        ? throw new BenchmarkException("the server does not start")
        : Task.FromResult(new ReadyTool { Copy = (data, destination) => new Command("/bin/sh", "-c", line, data.Path, destination) });
}
