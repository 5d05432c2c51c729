using ClusterTransfer.TestKit;

namespace ClusterTransfer.Cli.Tests.Contexts;

/// <summary>A user's folders, made for one test.</summary>
internal sealed class UserWorld : IDisposable
{
    private readonly TestFolder _folder = new();

    /// <summary>The folder the user stands in.</summary>
    public string Folder => _folder.Path;

    /// <summary>The file of the contexts.</summary>
    public string ContextsFile => _folder["config", "clustertransfer", "contexts.conf"];

    public string this[params string[] parts] => _folder[parts];

    public void WriteContexts(string text) => PrivateText.Write(ContextsFile, text);

    /// <summary>A run in this world, without any token in the environment.</summary>
    public CliRun NewRun(bool isTerminal = false, string input = "", TimeProvider? time = null)
    {
        var run = new CliRun { Folder = Folder, IsTerminal = isTerminal, Input = input, Time = time ?? TimeProvider.System };
        run.Variables.Remove("CT_TOKEN");
        run.Variables["XDG_CONFIG_HOME"] = _folder["config"];
        run.Variables["XDG_STATE_HOME"] = _folder["state"];
        return run;
    }

    public void Dispose() => _folder.Dispose();
}
