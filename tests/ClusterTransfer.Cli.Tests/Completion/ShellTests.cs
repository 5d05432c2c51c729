using System.Diagnostics;
using ClusterTransfer.Cli.Tests.Contexts;
using ClusterTransfer.Model;
using ClusterTransfer.Node.Tests.Api;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Cli.Tests.Completion;

/// <summary>The scripts of <c>ct completion</c>, in the shells they are for, with the real <c>ct</c> and a real API behind them.</summary>
public sealed class ShellTests : IAsyncLifetime
{
    private readonly UserWorld _world = new();
    private ApiTestServer _server = null!;   // made before each test

    public async ValueTask InitializeAsync()
    {
        _server = await ApiTestServer.StartAsync();
        _server.Transfers.Add(Samples.Active(Samples.Id));
        _world.WriteContexts("contexts.lab.node = \"http://127.0.0.1:7411\"");
        PrivateText.Write(_world["bin", "ct"], $"#!/bin/sh\nexec dotnet '{Path.Combine(AppContext.BaseDirectory, "ct.dll")}' \"$@\"\n");
        File.SetUnixFileMode(_world["bin", "ct"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(_world["notes.conf"], string.Empty);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _world.Dispose();
    }

    // The words behind the line are those into which bash cuts it before it asks.
    [Theory]
    [InlineData("ct pau", "pause", "ct", "pau")]
    [InlineData("ct pause ", "k3m9x2p7q4w8r5tz", "ct", "pause", "")]
    [InlineData("ct cp sr", "src:", "ct", "cp", "sr")]
    [InlineData("ct cp src:a  be", "beta:", "ct", "cp", "src", ":", "a", "be")]
    [InlineData("ct cp src", "src:", "ct", "cp", "src")]
    [InlineData("ct cp --conflict=s", "skip", "ct", "cp", "--conflict", "=", "s")]
    [InlineData("ct cp --conflict=", "fail overwrite skip", "ct", "cp", "--conflict", "=")]
    [InlineData("ct ls --node http", "http://127.0.0.1:7411 http://127.0.0.1:7400", "ct", "ls", "--node", "http")]
    [InlineData("ct ls --node http://127.0.0.1:7", "7411 7400", "ct", "ls", "--node", "http", "://127.0.0.1", ":", "7")]
    [InlineData("ct ls --context ", "lab", "ct", "ls", "--context", "")]
    [InlineData("ct cp 'sr", "src:", "ct", "cp", "'sr")]
    [InlineData("X=1 ct pau", "pause", "ct", "pau")]
    [InlineData("ct nosuchverb ", "", "ct", "nosuchverb", "")]
    public async Task Bash_OffersTheWords(string line, string expected, params string[] words)
    {
        string answer = await RunAsync("bash", ["--norc", "-c", """
            source <(ct completion bash)
            [[ $(complete -p ct) == 'complete -F _ct_complete ct' ]] || echo 'not registered'
            COMP_LINE=$0 COMP_POINT=${#0} COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
            _ct_complete ct "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            echo "${COMPREPLY[*]}"
            """, line, .. words]);

        Assert.Equal(expected, answer);
    }

    [Fact]
    public async Task Bash_AtTheMiddleOfALine_LooksOnlyAtWhatIsBeforeTheCursor()
    {
        string answer = await RunAsync("bash", ["--norc", "-c", """
            source <(ct completion bash)
            COMP_LINE='ct pauXXX more' COMP_POINT=6 COMP_WORDS=(ct pauXXX more) COMP_CWORD=1
            _ct_complete ct pauXXX ct
            echo "${COMPREPLY[*]}"
            """]);

        Assert.Equal("pause", answer);
    }

    [Theory]
    [InlineData("ct pau", "pause\tHolds transfers")]
    [InlineData("ct pause ", "k3m9x2p7q4w8r5tz\tActive, src:")]
    [InlineData("ct cp sr", "src:\talpha")]
    [InlineData("ct cp --conflict=s", "--conflict=skip")]
    [InlineData("ct ls --context ", "lab\thttp://127.0.0.1:7411")]
    [InlineData("ct config check no", "notes.conf")]
    [InlineData("ct --context lab pau", "pause\t")]
    public async Task Fish_OffersTheWordsWithWhatTheyAre(string line, string expected)
    {
        string answer = await RunAsync("fish", ["--no-config", "-c", "ct completion fish | source; complete -C $argv[1]", line]);

        Assert.StartsWith(expected, answer, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', answer);
    }

    // What zsh's own editor would do with them is not done here: compadd says what it was given.
    [Theory]
    [InlineData("ct pau", "pause | pause  -- Holds transfers", "ct", "pau")]
    [InlineData("ct pause ", "k3m9x2p7q4w8r5tz | k3m9x2p7q4w8r5tz  -- Active, src:", "ct", "pause", "")]
    [InlineData("ct cp sr", "files\nsrc: | src:  -- alpha", "ct", "cp", "sr")]
    [InlineData("ct cp 'src:a' be", "files\nbeta: | beta:  -- beta", "ct", "cp", "'src:a'", "be")]
    [InlineData("ct config check no", "files", "ct", "config", "check", "no")]
    public async Task Zsh_OffersTheWordsWithWhatTheyAre(string line, string expected, params string[] words)
    {
        string answer = await RunAsync("zsh", ["--no-rcs", "-c", """
            compdef() { [[ "$*" == '_ct ct' ]] || print "registered as $*" }
            _files() { print files }
            compadd() { local names=${@[-1]} about=${@[-3]}; print -r -- "${(P)names} | ${(P)about}" }
            source <(ct completion zsh)
            words=("$@") CURRENT=$# PREFIX=${@[-1]}
            _ct
            """, line, .. words]);

        Assert.StartsWith(expected, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PowerShell_OffersTheWords()
    {
        string answer = await RunAsync("pwsh", ["-NoProfile", "-Command", """
            ct completion powershell | Out-String | Invoke-Expression
            $found = foreach ($line in 'ct pau', 'ct pause ', 'ct cp --conflict=s', 'ct ls --context ') {
              (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches | ForEach-Object { $_.CompletionText }
            }
            $found -join ' '
            """]);

        Assert.Equal("pause k3m9x2p7q4w8r5tz --conflict=skip lab", answer);
    }

    private async Task<string> RunAsync(string shell, string[] arguments)
    {
        string? path = Environment.GetEnvironmentVariable("PATH")?.Split(':').Select(folder => Path.Combine(folder, shell)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, $"{shell} is not installed here.");
        var start = new ProcessStartInfo(path, arguments) { WorkingDirectory = _world.Folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach ((string name, string value) in new Dictionary<string, string>
        {
            ["PATH"] = $"{_world["bin"]}:{Environment.GetEnvironmentVariable("PATH")}",
            ["HOME"] = _world.Folder,
            ["XDG_CONFIG_HOME"] = _world["config"],
            ["XDG_DATA_HOME"] = _world["data"],
            ["CT_NODE"] = _server.Address.ToString(),
            ["CT_TOKEN"] = ApiTestServer.TokenText,
            ["CT_COMPLETE_TIME_LIMIT"] = "10s",   // what is tested here is not how quick this machine is
        })
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;   // the file is there
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync().WithinDeadline();
        await process.WaitForExitAsync().WithinDeadline();
        Assert.Equal(string.Empty, await error);
        return output.TrimEnd('\n');
    }
}
