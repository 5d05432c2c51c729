using ClusterTransfer.Benchmarks.Transfer.Processes;

namespace ClusterTransfer.Benchmarks.Transfer.Tools;

/// <summary><c>cp</c>: no network, for reference.</summary>
internal sealed class CopyTool : Tool
{
    public override string Name => "cp";

    public override IReadOnlyList<Need> Needs => [new("cp", "coreutils")];

    public override bool IsRemote => false;

    public override Task<ReadyTool> StartAsync(Stage stage, string landing, CancellationToken cancellationToken) =>
        Task.FromResult(new ReadyTool { Copy = (data, destination) => new Command("cp", "-r", data.Path, destination + "/") });
}
