using System.Globalization;
using ClusterTransfer.Benchmarks.Transfer.Processes;

namespace ClusterTransfer.Benchmarks.Transfer.Tools;

/// <summary>rsync from its own daemon: nothing encrypted; with <c>--fsync</c> every file is flushed.</summary>
internal sealed class RsyncDaemonTool(bool flushes) : Tool
{
    public override string Name => flushes ? "rsync-fsync" : "rsync";

    public override string Verification => "checksum";

    public override IReadOnlyList<Need> Needs => [new("rsync", "rsync")];

    public override async Task<ReadyTool> StartAsync(Stage stage, string landing, CancellationToken cancellationToken)
    {
        Daemon daemon = await stage.ServerAsync(() => StartDaemonAsync(stage, cancellationToken));
        string from = string.Create(CultureInfo.InvariantCulture, $"rsync://{stage.Source.Address}:{daemon.Port}/data/");
        string[] options = flushes ? ["-a", "--whole-file", "--inplace", "--fsync"] : ["-a", "--whole-file", "--inplace"];
        return new ReadyTool
        {
            SourceServers = [daemon.Process],
            Copy = (data, destination) => new Command("rsync", [.. options, from + data.Item, destination + "/"]),
        };
    }

    private static async Task<Daemon> StartDaemonAsync(Stage stage, CancellationToken cancellationToken)
    {
        int port = Stage.FreePort();
        string identity = Environment.IsPrivilegedProcess ? "uid = root\ngid = root\n" : "";
        await File.WriteAllTextAsync(
            stage.File("rsyncd.conf"),
            string.Create(CultureInfo.InvariantCulture, $"address = {stage.Source.Address}\nport = {port}\nuse chroot = no\n{identity}[data]\npath = {stage.DataFolder}\nread only = yes\n"),
            cancellationToken);
        RunningProcess process = await stage.ServeAsync(stage.Source, new Command("rsync", "--daemon", "--no-detach", "--config=" + stage.File("rsyncd.conf")), port, cancellationToken);
        return new Daemon(process.Id, port);
    }

    private sealed record Daemon(int Process, int Port);
}
