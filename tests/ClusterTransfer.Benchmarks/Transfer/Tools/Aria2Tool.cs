using System.Text;
using ClusterTransfer.Benchmarks.Transfer.Data;
using ClusterTransfer.Benchmarks.Transfer.Processes;
using ClusterTransfer.Benchmarks.Transfer.Servers;

namespace ClusterTransfer.Benchmarks.Transfer.Tools;

/// <summary>aria2 from nginx, over eight connections; a tree is a list of addresses it is given for nothing.</summary>
internal sealed class Aria2Tool(bool encrypts) : Tool
{
    public override string Name => encrypts ? "aria2-tls" : "aria2";

    public override string Encryption => encrypts ? "TLS 1.3" : "";

    public override string Verification => encrypts ? "MAC" : "";

    public override IReadOnlyList<Need> Needs => [new("aria2c", "aria2"), .. NginxServer.Needs];

    public override async Task<ReadyTool> StartAsync(Stage stage, string landing, CancellationToken cancellationToken)
    {
        NginxServer server = await NginxServer.OfAsync(stage, cancellationToken);
        string list = stage.File($"{Name}.list");
        return new ReadyTool { SourceServers = [server.Process], Copy = (data, destination) => Copy(server, list, data, destination) };
    }

    private Command Copy(NginxServer server, string list, DataSet data, string destination)
    {
        string from = encrypts ? server.Encrypted : server.Plain;
        string[] options =
        [
            "--quiet", "--no-conf", "--file-allocation=falloc", "--allow-overwrite=true", "--auto-file-renaming=false", "--disk-cache=16M",
            "--ca-certificate=" + server.AuthorityFile, "--dir=" + destination,
        ];
        if (!data.IsTree)
        {
            return new Command("aria2c", [.. options, "--max-connection-per-server=8", "--split=8", "--min-split-size=1M", from + NginxServer.Escape(data.Item)]);
        }

        var text = new StringBuilder();
        foreach (string file in data.Files)
        {
            text.Append(from).Append(NginxServer.Escape(file)).Append("\n out=").Append(file).Append('\n');
        }

        File.WriteAllText(list, text.ToString());
        return new Command("aria2c", [.. options, "--max-concurrent-downloads=8", "--input-file=" + list]);
    }
}
