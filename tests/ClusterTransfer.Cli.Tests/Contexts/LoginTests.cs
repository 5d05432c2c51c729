using System.Text.Json;
using ClusterTransfer.Cli.Contexts;
using ClusterTransfer.Node.Tests.Api;

namespace ClusterTransfer.Cli.Tests.Contexts;

/// <summary><c>ct login</c> and <c>ct logout</c>.</summary>
public sealed class LoginTests : IAsyncLifetime
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly UserWorld _world = new();
    private ApiTestServer _server = null!;   // made before each test

    public async ValueTask InitializeAsync() => _server = await ApiTestServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _world.Dispose();
    }

    [Theory]
    [InlineData("prompt")]
    [InlineData("stdin")]
    [InlineData("variable")]
    [InlineData("descriptor")]
    public async Task Login_KeepsTheTokenItself_AndSaysWhoAnswered(string way)
    {
        using CliRun run = _world.NewRun(isTerminal: way == "prompt", way == "stdin" ? ApiTestServer.TokenText + "\n" : string.Empty);
        run.Secret = ApiTestServer.TokenText;
        string[] flags = [];
        using FileStream? descriptor = way == "descriptor" ? OpenToken() : null;
        switch (way)
        {
            case "stdin":
                flags = ["--token-stdin"];
                break;
            case "variable":
                run.Variables["CT_TOKEN"] = ApiTestServer.TokenText;
                break;
            case "descriptor":
                flags = ["--token-file", $"/dev/fd/{descriptor!.SafeFileHandle.DangerousGetHandle()}"];
                break;
            default:
                break;
        }

        Assert.Equal((0, way), (await run.RunAsync(null, ["login", "lab", "--node", _server.Address.ToString(), .. flags]), way));

        Assert.Contains($"Node alpha (0.1.0) answers at http://127.0.0.1:{_server.Address.Port} and takes the token; its cluster has 2 nodes.", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(ApiTestServer.TokenText, run.Out + run.Error, StringComparison.Ordinal);
        Assert.Equal(ApiTestServer.TokenText + "\n", File.ReadAllText(KeptToken));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(KeptToken));
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(KeptToken)!));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(_world.ContextsFile));
        using CliRun after = _world.NewRun();
        Assert.Equal(0, await after.RunAsync(null, "ls"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Login_WithATokenFile_RefersToIt(bool byVariable)
    {
        PrivateText.Write(_world["lab.token"], ApiTestServer.TokenText);
        using CliRun run = _world.NewRun(), after = _world.NewRun();
        if (byVariable)
        {
            run.Variables["CT_TOKEN_FILE"] = "lab.token";
        }

        Assert.Equal(0, await run.RunAsync(null, ["login", "lab", "--node", _server.Address.Authority, .. byVariable ? Array.Empty<string>() : ["--token-file", "lab.token"]]));

        Assert.Contains($"token-file = \"{_world["lab.token"]}\"", File.ReadAllText(_world.ContextsFile), StringComparison.Ordinal);
        Assert.False(File.Exists(KeptToken));
        Assert.Equal(0, await after.RunAsync(null, "ls"));
    }

    [Fact]
    public async Task Login_AsJson_SaysWhoAnswered()
    {
        using CliRun run = _world.NewRun();
        run.Variables["CT_TOKEN"] = ApiTestServer.TokenText;

        Assert.Equal((0, string.Empty), (await run.RunAsync(_server.Address, "login", "-o", "json"), run.Error));

        using JsonDocument document = JsonDocument.Parse(run.Out);
        Assert.Equal(("default", "alpha"), (document.RootElement.GetProperty("context").GetString(), document.RootElement.GetProperty("node").GetString()));
    }

    [Fact]
    public async Task Login_Again_KeepsWhatTheContextSaysOtherwise()
    {
        _world.WriteContexts($$"""
            # by hand
            current = far
            contexts {
              far { node = "http://127.0.0.1:1" }
              lab { node = "{{_server.Address}}", cp.conflict = skip }   # keep me
            }
            """);
        using CliRun run = _world.NewRun(input: ApiTestServer.TokenText);

        Assert.Equal(0, await run.RunAsync(null, "login", "lab", "--token-stdin"));

        string text = File.ReadAllText(_world.ContextsFile);
        Assert.Contains("# by hand", text, StringComparison.Ordinal);
        Assert.Contains("cp.conflict = skip }   # keep me", text, StringComparison.Ordinal);
        Assert.Contains("current = \"lab\"", text, StringComparison.Ordinal);
        Assert.True(File.Exists(KeptToken));
    }

    [Theory]
    [InlineData("wrong", 7, "The token is not the one of this node")]
    [InlineData("two words", 7, "Standard input holds no token")]
    [InlineData("", 7, "Standard input holds no token")]
    public async Task Login_WithABadToken_KeepsNothing(string token, int exit, string expected)
    {
        using CliRun run = _world.NewRun(input: token);

        Assert.Equal(exit, await run.RunAsync(_server.Address, "login", "lab", "--token-stdin"));

        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_world.ContextsFile));
        Assert.False(File.Exists(KeptToken));
    }

    [Theory]
    [InlineData("login lab --node http://127.0.0.1:1 --token-stdin", 14, "No node answers at http://127.0.0.1:1")]
    [InlineData("login ../lab --token-stdin", 2, "'../lab' cannot name a context. \u2014 Want 1 to 63 of")]
    [InlineData("login lab --token-stdin --token-file token", 2, "Two tokens are given")]
    [InlineData("login lab", 7, "No token was given, and there is nobody to ask. \u2014 Use --token-file, --token-stdin or CT_TOKEN.")]
    [InlineData("login lab --token-file open", 7, "Others can read the token file")]
    [InlineData("login lab --token-file nothing", 7, "cannot be read")]
    [InlineData("login lab --token abc", 2, "'ct login' has no flag '--token'")]
    public async Task Login_ThatCannotBe_IsExplained(string line, int exit, string expected)
    {
        PrivateText.Write(_world["token"], ApiTestServer.TokenText);
        File.WriteAllText(_world["open"], ApiTestServer.TokenText);
        File.SetUnixFileMode(_world["open"], OwnerOnly | UnixFileMode.OtherRead);
        using CliRun run = _world.NewRun(input: ApiTestServer.TokenText);

        Assert.Equal(exit, await run.RunAsync(null, line.Split(' ')));

        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_world.ContextsFile));
    }

    [Fact]
    public async Task Login_OverAnAddressThatIsNotPrivate_Warns()
    {
        using CliRun run = _world.NewRun(input: ApiTestServer.TokenText);

        // Nobody has this address; what matters is said before it is asked.
        run.Signals.Raise(Terminal.Signal.Interrupt);
        Assert.Equal(130, await run.RunAsync(null, "login", "lab", "--node", "http://192.0.2.1:7400", "--token-stdin"));

        Assert.Contains("can read the token: the address is not https", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Login_InterruptedAtThePrompt_KeepsNothing()
    {
        using CliRun run = _world.NewRun(isTerminal: true);
        run.Signals.Raise(Terminal.Signal.Interrupt);

        Assert.Equal(130, await run.RunAsync(_server.Address, "login", "lab"));

        Assert.False(File.Exists(_world.ContextsFile));
    }

    [Fact]
    public async Task Login_WhenTheContextIsNamedByFlagOrVariable_IsOfThatOne()
    {
        using CliRun flag = _world.NewRun(input: ApiTestServer.TokenText), variable = _world.NewRun(input: ApiTestServer.TokenText);
        variable.Variables["CT_CONTEXT"] = "far";

        Assert.Equal(0, await flag.RunAsync(_server.Address, "login", "--context", "lab", "--token-stdin"));
        Assert.Equal(0, await variable.RunAsync(_server.Address, "login", "--token-stdin"));

        string text = File.ReadAllText(_world.ContextsFile);
        Assert.Contains("contexts.lab {", text, StringComparison.Ordinal);
        Assert.Contains("contexts.far {", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logout_DeletesTheKeptToken_AndLeavesTheContext()
    {
        using CliRun login = _world.NewRun(input: ApiTestServer.TokenText), logout = _world.NewRun(), after = _world.NewRun(), again = _world.NewRun();
        Assert.Equal(0, await login.RunAsync(_server.Address, "login", "lab", "--token-stdin"));

        Assert.Equal(0, await logout.RunAsync(null, "logout"));

        Assert.False(File.Exists(KeptToken));
        Assert.Equal(7, await after.RunAsync(null, "ls"));
        Assert.Contains("carries no token", after.Error, StringComparison.Ordinal);
        Assert.Equal(0, await again.RunAsync(null, "logout", "lab"));
        Assert.Contains("has no token", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logout_LeavesAFileThatItDidNotMake()
    {
        PrivateText.Write(_world["lab.token"], ApiTestServer.TokenText);
        using CliRun login = _world.NewRun(), logout = _world.NewRun();
        Assert.Equal(0, await login.RunAsync(_server.Address, "login", "lab", "--token-file", "lab.token"));

        Assert.Equal(0, await logout.RunAsync(null, "logout", "lab"));

        Assert.True(File.Exists(_world["lab.token"]));
        Assert.DoesNotContain("lab.token", File.ReadAllText(_world.ContextsFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Login_WhileAnotherRunChangesTheContexts_Waits()
    {
        using CliRun run = _world.NewRun(input: ApiTestServer.TokenText);
        IDisposable? held = PrivateFile.TryLock(_world.ContextsFile);
        Assert.NotNull(held);
        Assert.Null(PrivateFile.TryLock(_world.ContextsFile));

        Task<int> login = run.RunAsync(_server.Address, "login", "lab", "--token-stdin");
        held.Dispose();

        Assert.Equal(0, await login);
    }

    private string KeptToken => _world["config", "clustertransfer", "tokens", "lab"];

    private FileStream OpenToken()
    {
        PrivateText.Write(_world["any"], ApiTestServer.TokenText);
        return File.OpenRead(_world["any"]);
    }
}
