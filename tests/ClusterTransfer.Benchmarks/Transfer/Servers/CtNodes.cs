using System.Globalization;
using System.Text;
using ClusterTransfer.Benchmarks.Transfer.Processes;

namespace ClusterTransfer.Benchmarks.Transfer.Servers;

/// <summary>Two nodes as scripts/quickstart.sh starts them: alpha, the hub, serves the data as <c>src:</c>; beta takes copies in <c>dst:</c>.</summary>
internal sealed class CtNodes
{
    private readonly Stage _stage;
    private readonly IReadOnlyDictionary<string, string> _client;

    private CtNodes(Stage stage, int source, int destination, IReadOnlyDictionary<string, string> client)
    {
        _stage = stage;
        _client = client;
        (Source, Destination) = (source, destination);
    }

    /// <summary>Process of alpha.</summary>
    public int Source { get; }

    /// <summary>Process of beta.</summary>
    public int Destination { get; }

    /// <summary>Starts both and waits until alpha knows the location of beta.</summary>
    /// <param name="stage">Where.</param>
    /// <param name="name">A folder of the stage for their state.</param>
    /// <param name="landing">What <c>dst:</c> is.</param>
    /// <param name="environment">Of both nodes.</param>
    /// <param name="cancellationToken">Ends the benchmark.</param>
    public static async Task<CtNodes> StartAsync(Stage stage, string name, string landing, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        string authority = stage.File(name, "pki");
        await RunningProcess.CallAsync(new Command(stage.Ct, "pki", "init", "--out", authority, "--name", "benchmark"), cancellationToken);
        int api = Stage.FreePort();
        string hub = string.Create(CultureInfo.InvariantCulture, $"{stage.Source.Address}:{Stage.FreePort()}");
        string source = string.Create(CultureInfo.InvariantCulture, $$"""
            hub { enabled = true, listen = "{{hub}}" }
              api { listen = "127.0.0.1:{{api}}" }
              locations { src { folder = {{Quote(stage.DataFolder)}}, read-only = true } }
            """);
        string destination = string.Create(CultureInfo.InvariantCulture, $$"""
            hub { address = "{{hub}}" }
              api { listen = "127.0.0.1:{{Stage.FreePort()}}" }
              locations { dst { folder = {{Quote(landing)}} } }
            """);
        RunningProcess alpha = await NodeAsync(stage, stage.Source, name, "alpha", source, environment, cancellationToken);
        RunningProcess beta = await NodeAsync(stage, stage.Destination, name, "beta", destination, environment, cancellationToken);
        var client = new Dictionary<string, string>
        {
            ["CT_NODE"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{api}"),
            ["CT_TOKEN_FILE"] = stage.File(name, "alpha", "state", "api-token"),
        };
        var nodes = new CtNodes(stage, alpha.Id, beta.Id, client);
        await Stage.UntilAsync(beta, async () => await nodes.SeesAsync("\"dst\"", cancellationToken), cancellationToken);
        return nodes;
    }

    /// <summary>A command of <c>ct</c> for alpha.</summary>
    public Command Ask(params IReadOnlyList<string> arguments) => new Command(_stage.Ct, arguments) { Environment = _client }.Behind(_stage.Source.Prefix);

    /// <summary>Whether a build of ct has a name in its code: a switch it does not know would be ignored in silence.</summary>
    public static bool Knows(string ct, string name)
    {
        byte[] wanted = Encoding.Unicode.GetBytes(name);
        return Directory.EnumerateFiles(Path.GetDirectoryName(Path.GetFullPath(ct))!, "ClusterTransfer.*.dll").Append(Path.ChangeExtension(ct, ".dll"))
            .Any(file => File.Exists(file) && File.ReadAllBytes(file).AsSpan().IndexOf(wanted) >= 0);
    }

    private static async Task<RunningProcess> NodeAsync(
        Stage stage, Place place, string group, string name, string sections, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        string folder = stage.Folder(group, name);
        await RunningProcess.CallAsync(
            new Command(stage.Ct, "pki", "issue", name, "--authority", stage.File(group, "pki"), "--out", folder, "--host", place.Address), cancellationToken);
        int data = Stage.FreePort();
        string config = Path.Combine(folder, "node.conf");
        await File.WriteAllTextAsync(config, string.Create(CultureInfo.InvariantCulture, $$"""
            cluster-transfer {
              node { name = {{name}}, state-folder = state }
              data { listen = "{{place.Address}}:{{data}}" }
              tls { authority = ../pki/ca.crt, certificate = {{name}}.crt, key = {{name}}.key }
              {{sections}}
            }

            """), cancellationToken);
        return await stage.ServeAsync(place, new Command(stage.Ct, "node", "run", "--config", config) { Environment = environment }, data, cancellationToken);
    }

    private async Task<bool> SeesAsync(string text, CancellationToken cancellationToken)
    {
        if (!File.Exists(_client["CT_TOKEN_FILE"]))
        {
            return false;
        }

        try
        {
            return (await RunningProcess.CallAsync(Ask("locations", "ls", "-o", "json"), cancellationToken)).Contains(text, StringComparison.Ordinal);
        }
        catch (BenchmarkException)
        {
            return false;   // It does not answer yet; whoever asks has a limit.
        }
    }

    private static string Quote(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
