using System.Text;
using ClusterTransfer.Benchmarks.Transfer.Data;
using ClusterTransfer.Benchmarks.Transfer.Processes;
using ClusterTransfer.Benchmarks.Transfer.Servers;

namespace ClusterTransfer.Benchmarks.Transfer.Tools;

/// <summary>curl from nginx; a tree is a list of addresses it is given for nothing, fetched eight at a time.</summary>
internal sealed class CurlTool(bool encrypts) : Tool
{
    public override string Name => encrypts ? "curl-tls" : "curl";

    public override string Encryption => encrypts ? "TLS 1.3" : "";

    public override string Verification => encrypts ? "MAC" : "";

    public override IReadOnlyList<Need> Needs => [new("curl", "curl"), .. NginxServer.Needs];

    public override async Task<ReadyTool> StartAsync(Stage stage, string landing, CancellationToken cancellationToken)
    {
        NginxServer server = await NginxServer.OfAsync(stage, cancellationToken);
        string list = stage.File($"{Name}.list");
        return new ReadyTool { SourceServers = [server.Process], Copy = (data, destination) => Copy(server, list, data, destination) };
    }

    private Command Copy(NginxServer server, string list, DataSet data, string destination)
    {
        string from = encrypts ? server.Encrypted : server.Plain;
        string[] options = ["--silent", "--show-error", "--fail", "--globoff", "--cacert", server.AuthorityFile];
        if (!data.IsTree)
        {
            return new Command("curl", [.. options, "--output", Path.Combine(destination, data.Item), from + NginxServer.Escape(data.Item)]);
        }

        var text = new StringBuilder();
        foreach (string file in data.Files)
        {
            text.Append("url=\"").Append(from).Append(NginxServer.Escape(file)).Append("\"\noutput=\"").Append(destination).Append('/').Append(file).Append("\"\n");
        }

        File.WriteAllText(list, text.ToString());
        return new Command("curl", [.. options, "--create-dirs", "--parallel", "--parallel-max", "8", "--config", list]);
    }
}
