using ClusterTransfer.Benchmarks.Transfer.Processes;
using ClusterTransfer.Benchmarks.Transfer.Servers;

namespace ClusterTransfer.Benchmarks.Transfer.Tools;

/// <summary>rsync over ssh.</summary>
internal sealed class RsyncSshTool : Tool
{
    public override string Name => "rsync-ssh";

    public override string Encryption => "ssh aes128-gcm";

    public override string Verification => "checksum, MAC";

    public override IReadOnlyList<Need> Needs => [new("rsync", "rsync"), .. SshServer.Needs];

    public override async Task<ReadyTool> StartAsync(Stage stage, string landing, CancellationToken cancellationToken)
    {
        SshServer server = await SshServer.OfAsync(stage, cancellationToken);
        return new ReadyTool
        {
            SourceServers = [server.Process],
            Copy = (data, destination) => new Command("rsync", "-a", "--whole-file", "--inplace", "-e", $"ssh -F {server.ClientFile}", $"{SshServer.Host}:{data.Path}", destination + "/"),
        };
    }
}

/// <summary>scp.</summary>
internal sealed class ScpTool : Tool
{
    public override string Name => "scp";

    public override string Encryption => "ssh aes128-gcm";

    public override string Verification => "MAC";

    public override IReadOnlyList<Need> Needs => [new("scp", "openssh-client"), .. SshServer.Needs];

    public override async Task<ReadyTool> StartAsync(Stage stage, string landing, CancellationToken cancellationToken)
    {
        SshServer server = await SshServer.OfAsync(stage, cancellationToken);
        return new ReadyTool
        {
            SourceServers = [server.Process],
            Copy = (data, destination) => new Command("scp", "-q", "-r", "-p", "-F", server.ClientFile, $"{SshServer.Host}:{data.Path}", destination + "/"),
        };
    }
}
