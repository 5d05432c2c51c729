using System.Globalization;
using ClusterTransfer.Benchmarks.Transfer.Data;
using ClusterTransfer.Benchmarks.Transfer.Processes;
using ClusterTransfer.Benchmarks.Transfer.Servers;

namespace ClusterTransfer.Benchmarks.Transfer.Tools;

/// <summary>rclone from its own HTTP or WebDAV server, or from an sshd by SFTP.</summary>
/// <param name="protocol"><c>http</c>, <c>webdav</c> or <c>sftp</c>.</param>
internal sealed class RcloneTool(string protocol) : Tool
{
    public override string Name => $"rclone-{protocol}";

    public override string Encryption => IsSftp ? "ssh" : "";

    public override string Verification => IsSftp ? "MAC, size" : "size";

    public override IReadOnlyList<Need> Needs => [new("rclone", "rclone"), .. IsSftp ? SshServer.Needs : []];

    private bool IsSftp => protocol == "sftp";

    public override async Task<ReadyTool> StartAsync(Stage stage, string landing, CancellationToken cancellationToken)
    {
        string address = stage.Source.Address;
        if (IsSftp)
        {
            SshServer ssh = await SshServer.OfAsync(stage, cancellationToken);
            string port = ssh.Port.ToString(CultureInfo.InvariantCulture);

            // Else it runs a shell with md5sum at the source for each file, which takes minutes for a tree; no other protocol of it compares hashes.
            return Ready(ssh.Process, stage.DataFolder + "/", ["--ignore-checksum", "--sftp-host", address, "--sftp-port", port, "--sftp-user", Environment.UserName, "--sftp-key-file", ssh.KeyFile]);
        }

        int own = Stage.FreePort();
        string at = string.Create(CultureInfo.InvariantCulture, $"{address}:{own}");
        RunningProcess server = await stage.ServeAsync(
            stage.Source, new Command("rclone", "serve", protocol, "--config", "/dev/null", "--read-only", "--addr", at, stage.DataFolder), own, cancellationToken);
        return Ready(server.Id, "", [$"--{protocol}-url", $"http://{at}"]);
    }

    private ReadyTool Ready(int server, string prefix, string[] remote) => new()
    {
        SourceServers = [server],

        // It copies what is in a folder, not the folder.
        Copy = (data, destination) => new Command(
            "rclone",
            [
                "copy", "--config", "/dev/null", "--quiet", "--transfers", "8", "--checkers", "8", "--multi-thread-streams", "4", "--multi-thread-cutoff", "10M", .. remote,
                $":{protocol}:{prefix}{data.Item}", data.IsTree ? Path.Combine(destination, data.Item) : destination,
            ]),
    };
}
