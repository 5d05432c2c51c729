using System.Text.Json;
using ClusterTransfer.Node.Tests.Api;

namespace ClusterTransfer.Cli.Tests.Contexts;

/// <summary><c>ct context</c> and <c>--context</c>.</summary>
public sealed class ContextCommandTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string Two = """
        # mine
        current = lab
        contexts {
          lab { node = "http://127.0.0.1:7411", token-file = lab.token, cp.conflict = skip }   # the lab
          # the far one
          far {
            node = "http://127.0.0.1:7499"
          }
        }

        """;

    private readonly UserWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task Ls_OfNothing_IsEmpty()
    {
        using CliRun run = _world.NewRun();

        Assert.Equal(0, await run.RunAsync(null, "context", "ls"));

        Assert.Equal("CURRENT  NAME  NODE  TOKEN FILE\n", run.Out);
    }

    [Fact]
    public async Task Ls_ShowsAll_AndWhichCounts()
    {
        _world.WriteContexts(Two);
        using CliRun text = _world.NewRun(), wide = _world.NewRun(), names = _world.NewRun(), other = _world.NewRun();
        other.Variables["CT_CONTEXT"] = "far";

        Assert.Equal(0, await text.RunAsync(null, "context", "ls"));
        Assert.Equal(0, await wide.RunAsync(null, "context", "ls", "-o", "wide"));
        Assert.Equal(0, await names.RunAsync(null, "context", "ls", "-o", "name"));
        Assert.Equal(0, await other.RunAsync(null, "context", "ls"));

        string file = _world["config", "clustertransfer", "lab.token"];
        Assert.Contains($"\n*        lab   http://127.0.0.1:7411  {file}\n", text.Out, StringComparison.Ordinal);
        Assert.Contains("\n-        far   http://127.0.0.1:7499  -\n", text.Out, StringComparison.Ordinal);
        Assert.Contains($"{file}  cp.conflict=skip\n", wide.Out, StringComparison.Ordinal);
        Assert.Equal("lab\nfar\n", names.Out);
        Assert.Contains("\n*        far ", other.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ls_AsJson_HasTheParts()
    {
        _world.WriteContexts(Two);
        using CliRun run = _world.NewRun();

        Assert.Equal(0, await run.RunAsync(null, "context", "ls", "-o", "json"));

        using JsonDocument document = JsonDocument.Parse(run.Out);
        Assert.Equal("lab", document.RootElement.GetProperty("current").GetString());
        JsonElement lab = document.RootElement.GetProperty("items")[0];
        Assert.Equal(("lab", true, "skip"), (lab.GetProperty("name").GetString(), lab.GetProperty("current").GetBoolean(), lab.GetProperty("defaults").GetProperty("cp.conflict").GetString()));
    }

    [Fact]
    public async Task Ls_WhenTheVariableNamesNone_StillLists()
    {
        _world.WriteContexts(Two);
        using CliRun run = _world.NewRun();
        run.Variables["CT_CONTEXT"] = "nowhere";

        Assert.Equal(0, await run.RunAsync(null, "context", "ls", "-o", "name"));
    }

    [Fact]
    public async Task Show_TellsValuesAndPlaces()
    {
        _world.WriteContexts(Two + "client { cp.conflict = fail, progress = none }\n");
        using CliRun current = _world.NewRun(), far = _world.NewRun();

        Assert.Equal(0, await current.RunAsync(null, "context", "show"));
        Assert.Equal(0, await far.RunAsync(null, "context", "show", "far"));

        Assert.StartsWith("# lab, the current context\n", current.Out, StringComparison.Ordinal);
        Assert.Contains($"\ncp.conflict = skip  # {_world.ContextsFile}:4:", current.Out, StringComparison.Ordinal);
        Assert.Contains($"\nprogress = none  # {_world.ContextsFile}:10:", current.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("= fail", current.Out, StringComparison.Ordinal);
        Assert.StartsWith("# far\nnode = http://127.0.0.1:7499  #", far.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Use_ChangesOneWord_AndLeavesTheRest()
    {
        _world.WriteContexts(Two);
        using CliRun run = _world.NewRun();

        Assert.Equal((0, string.Empty), (await run.RunAsync(null, "context", "use", "far"), run.Out));

        Assert.Equal(Two.Replace("current = lab", "current = \"far\"", StringComparison.Ordinal), File.ReadAllText(_world.ContextsFile));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(_world.ContextsFile));
        Assert.Contains("http://127.0.0.1:7499", run.Error, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(_world.ContextsFile)!, "contexts.conf*"));
    }

    [Fact]
    public async Task Use_WhenTheVariableWins_SaysSo()
    {
        _world.WriteContexts(Two);
        using CliRun run = _world.NewRun();
        run.Variables["CT_CONTEXT"] = "lab";

        Assert.Equal(0, await run.RunAsync(null, "context", "use", "far"));

        Assert.Contains("CT_CONTEXT is 'lab', which wins", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rm_TakesTheContextAndItsKeptTokenOnly()
    {
        _world.WriteContexts(Two.Replace("lab.token", "tokens/lab", StringComparison.Ordinal));
        PrivateText.Write(_world["config", "clustertransfer", "tokens", "lab"], "secret");
        using CliRun run = _world.NewRun();

        Assert.Equal(0, await run.RunAsync(null, "context", "rm", "lab", "--yes"));

        string left = File.ReadAllText(_world.ContextsFile);
        Assert.DoesNotContain("7411", left, StringComparison.Ordinal);
        Assert.DoesNotContain("current", left, StringComparison.Ordinal);
        Assert.Contains("  # the far one\n  far {\n", left, StringComparison.Ordinal);
        Assert.False(File.Exists(_world["config", "clustertransfer", "tokens", "lab"]));
    }

    [Theory]
    [InlineData("y\n", true)]
    [InlineData("\n", false)]
    [InlineData("no\n", false)]
    public async Task Rm_AsksFirst(string answer, bool removed)
    {
        _world.WriteContexts(Two);
        using CliRun run = _world.NewRun(isTerminal: true, answer);

        Assert.Equal(removed ? 0 : 11, await run.RunAsync(null, "context", "rm", "far"));

        Assert.Contains("Go on? [y/N] ", run.Error, StringComparison.Ordinal);
        Assert.Equal(!removed, File.ReadAllText(_world.ContextsFile).Contains("7499", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("context rm far", 2, "Say --yes")]
    [InlineData("context use fra", 3, "There is no context 'fra' (argument). \u2014 Did you mean 'far'?")]
    [InlineData("context show nosuchthing", 3, "'ct context ls' lists them")]
    [InlineData("ls --context la", 3, "There is no context 'la' (--context). \u2014 Did you mean 'lab'?")]
    [InlineData("context use", 2, "'ct context use' needs NAME.")]
    [InlineData("context use far -o json", 2, "'ct context use' has no output 'json'")]
    public async Task Arguments_ThatAreWrong_AreExplained(string line, int exit, string expected)
    {
        _world.WriteContexts(Two);
        using CliRun run = _world.NewRun();

        Assert.Equal(exit, await run.RunAsync(null, line.Split(' ')));

        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.Equal(Two, File.ReadAllText(_world.ContextsFile));
    }

    [Theory]
    [InlineData("contexts.lab.nod = x", ":1:20: 'nod' is not known; is 'node' meant?")]
    [InlineData("contexts.lab.cp.conflcit = skip", "'cp.conflcit' is not known; is 'cp.conflict' meant?")]
    [InlineData("contexts.lab.context = x", "'context' is not known")]
    [InlineData("curent = lab", "'curent' is not known; is 'current' meant?")]
    [InlineData("client.cp.as = x", "'cp.as' is not known")]
    [InlineData("contexts.lab = 5", "context lab: want an object; got 5")]
    [InlineData("contexts.\"a b\".node = x", "'a b' cannot name a context")]
    [InlineData("contexts.lab.node = [x]", "node: want one value; got an array")]
    [InlineData("contexts.lab { node = ", "contexts.conf:1:")]
    [InlineData("contexts.lab.node = ${nowhere}", "contexts.conf:1:21: ")]
    [InlineData("current = lab\na = 1\nb = 2", "contexts.conf:2:5: 'a' is not known; ")]
    [InlineData("current = lab\na = 1\nb = 2", "contexts.conf:3:5: 'b' is not known. ")]
    public async Task File_ThatIsWrong_IsExplained(string text, string expected)
    {
        _world.WriteContexts(text);
        using CliRun run = _world.NewRun(), use = _world.NewRun();

        Assert.Equal(2, await run.RunAsync(new Uri("http://127.0.0.1:1"), "ls"));
        Assert.Equal(2, await use.RunAsync(null, "context", "use", "lab"));

        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.Contains(_world.ContextsFile, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
        Assert.Equal(text, File.ReadAllText(_world.ContextsFile));
    }

    [Fact]
    public async Task File_ThatOthersCanChange_IsRefused()
    {
        _world.WriteContexts(Two);
        File.SetUnixFileMode(_world.ContextsFile, OwnerOnly | UnixFileMode.GroupWrite);
        using CliRun run = _world.NewRun();

        Assert.Equal(7, await run.RunAsync(new Uri("http://127.0.0.1:1"), "ls"));

        Assert.Contains($"chmod 600 {_world.ContextsFile}", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Context_NamesNodeAndToken()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        _world.WriteContexts($"contexts.lab {{ node = \"{server.Address}\", token-file = lab.token, output = name }}\n");
        PrivateText.Write(_world["config", "clustertransfer", "lab.token"], ApiTestServer.TokenText);
        using CliRun run = _world.NewRun();

        Assert.Equal(0, await run.RunAsync(null, "nodes", "ls", "--context", "lab"));

        Assert.Equal("alpha\nbeta\n", run.Out);
    }

    [Theory]
    [InlineData("--node")]
    [InlineData("CT_NODE")]
    public async Task Token_OfAContext_IsNotSentToAnotherNode(string by)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        _world.WriteContexts("current = lab\ncontexts.lab { node = \"http://127.0.0.1:1\", token-file = lab.token }\n");
        PrivateText.Write(_world["config", "clustertransfer", "lab.token"], ApiTestServer.TokenText);
        using CliRun run = _world.NewRun();

        int exit = by == "CT_NODE"
            ? await run.RunAsync(server.Address, "ls", "--context", "lab")
            : await run.RunAsync(null, "ls", "--node", server.Address.ToString());

        Assert.Equal(7, exit);
        Assert.Contains("carries no token", run.Error, StringComparison.Ordinal);
        Assert.Equal(by == "CT_NODE", run.Error.Contains("a variable wins over a context", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public async Task TokenFile_ThatOthersCanRead_IsRefused(UnixFileMode mode)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        PrivateText.Write(_world["token"], ApiTestServer.TokenText);
        File.SetUnixFileMode(_world["token"], OwnerOnly | mode);
        using CliRun run = _world.NewRun();

        Assert.Equal(7, await run.RunAsync(server.Address, "ls", "--token-file", "token"));

        Assert.Contains($"chmod 600 {_world["token"]}", run.Error, StringComparison.Ordinal);
    }
}
