using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Terminal;
using ClusterTransfer.Cli.Tests.Contexts;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Tests.Api;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Cli.Tests.Printed;

/// <summary>No command lets what others named steer a terminal, and none sends escape sequences where nobody wants them.</summary>
public sealed class HarmlessOutputTests
{
    // Clears the screen, rings, turns the text around, ends the line, starts a title, all without being asked.
    private const string Evil = "\u001b[2J\u0007\u202ex\r\nct: fine\u009b31m\u2028\u001b]0;t\u0007\u0085";

    /// <summary>What is typed for each verb; a verb that is missing here fails the test.</summary>
    private static readonly Dictionary<string, string> Lines = new()
    {
        ["cp"] = "cp src:a beta:in",
        ["ls"] = "ls",
        ["get"] = "get k3m9",
        ["why"] = "why k3m9",
        ["queue show"] = "queue show",
        ["queue pause"] = "queue pause",
        ["queue resume"] = "queue resume",
        ["watch"] = "watch k3m9",
        ["wait"] = "wait s2k3",
        ["pause"] = "pause k3m9 zzzz",
        ["resume"] = "resume k3m9 zzzz",
        ["retry"] = "retry k3m9 zzzz",
        ["limit"] = "limit k3m9 20M",
        ["cancel"] = "cancel k3m9 zzzz",
        ["events"] = "events s2k3 -f",
        ["chunks"] = "chunks s2k3",
        ["conns"] = "conns k3m9",
        ["nodes ls"] = "nodes ls",
        ["locations ls"] = "locations ls",
        ["gc"] = "gc",
        ["actors tree"] = "actors tree",
        ["version"] = "version",
        ["pki init"] = "pki init --out pki",
        ["pki issue"] = "pki issue beta --authority nowhere --out tls",
        ["config check"] = "config check evil.conf",
        ["config get"] = "config get my --config evil.conf",
        ["config explain"] = "config explain log.level --config evil.conf",
        ["context ls"] = "context ls",
        ["context use"] = "context use far",
        ["context show"] = "context show lab",
        ["context rm"] = "context rm lab --yes",
        ["login"] = "login far --token-stdin",
        ["logout"] = "logout lab",
        ["completion"] = "completion bash",
        ["doctor"] = "doctor",
        ["node run"] = "node run --config evil.conf",
    };

    public static TheoryData<string> Verbs { get; } = [.. EveryCommand.Verbs];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Command_OffATerminal_SendsNoControlCharacter(string verb)
    {
        foreach (OutputFormat format in Enum.GetValues<OutputFormat>())
        {
            foreach (string progress in new[] { "auto", "plain", "json", "none" })
            {
                AssertHarmless(await RunAsync(verb, isTerminal: false, noColor: false, "-o", format.ToString().ToLowerInvariant(), "--progress", progress));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Command_OnATerminalWithNoColor_SendsNoEscapeSequence(string verb)
    {
        (string output, string error) = await RunAsync(verb, isTerminal: true, noColor: true);

        // Going back to the line's start is no escape sequence; only the display of progress does it.
        AssertHarmless((output, error.Replace("\r", string.Empty, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Messages_OfWhateverText_AreHarmless(bool asJson)
    {
        using var error = new StringWriter { NewLine = "\n" };
        using var signals = new Signals();
        var messages = new Messages(
            new CliHost
            {
                Out = TextWriter.Null, Error = error, In = TextReader.Null, Variable = _ => null, CurrentFolder = "/", Signals = signals, RunNode = (_, _, _) => Task.FromResult(0),
            },
            asJson);

        messages.Say(Evil);
        messages.Fail(new Failure(Evil, Evil, "code", 1, IsPassing: false));

        AssertHarmless((string.Empty, error.ToString()));
        Assert.Equal(2, error.ToString().TrimEnd('\n').Split('\n').Length);
    }

    private static void AssertHarmless((string Output, string Error) said)
    {
        foreach (string text in new[] { said.Output, said.Error })
        {
            Assert.DoesNotContain(text, c => char.IsControl(c) && c != '\n');
            Assert.DoesNotContain('\u202e', text);
            Assert.DoesNotContain('\u2028', text);
            Assert.DoesNotContain("\nct: fine", text, StringComparison.Ordinal);
        }

    }

    private static async Task<(string Output, string Error)> RunAsync(string verb, bool isTerminal, bool noColor, params string[] flags)
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder["evil.conf"], "my.text = \"\\u001b[2J\\u202e\"\ncluster-transfer.log.level = \"\\u001b[2J\"\n");
        PrivateText.Write(
            folder["clustertransfer", "contexts.conf"],
            "contexts { lab { node = \"http://\\u001b[2J\", token-file = \"\\u001b[2J\\u202e\", cp.conflict = \"\\u0007\" }, far.node = \"127.0.0.1:1\" }\n");
        await using FakeNode node = await FakeNode.StartAsync();
        Corrupt(node);
        using var run = new CliRun { Folder = folder.Path, IsTerminal = isTerminal, Time = new VirtualTime(Samples.Start), Input = ApiTestServer.TokenText };
        run.Variables["XDG_CONFIG_HOME"] = folder.Path;
        if (!noColor)
        {
            run.Variables.Remove("NO_COLOR");
        }

        await run.RunAsync(node.Address, [.. Lines[verb].Split(' '), .. flags]);
        return (run.Out, run.Error);
    }

    private static void Corrupt(FakeNode node)
    {
        node.Transfers = [.. OutputSamples.Transfers.Select(transfer => Corrupt(transfer) with { LastEvent = 1 })];
        node.Stories[OutputSamples.Accepted.Id] = [Tell(Samples.Parked(OutputSamples.Accepted))];
        node.Stories[Samples.Id] = [Tell(Samples.Partial(OutputSamples.Active))];
        node.Stories[OutputSamples.Chunks.Transfer] = [Tell(node.Transfers.Single(transfer => transfer.Id == OutputSamples.Chunks.Transfer))];
        node.Wish = (wish, transfer) => Corrupt(OutputSamples.Wish(wish, transfer));
        node.Problems["transfers/zzzz/pause"] = node.Problems["transfers/zzzz/retry"] = new Problem(Reason.WrongState, Evil);
        node.Nodes = [.. OutputSamples.Nodes.Select(known => known with { State = Evil, Roles = [Evil], Version = Evil, DataAddresses = [Evil] })];
        node.NotReady = new Problem(Reason.HubUnreachable, Evil);
        node.Locations = [.. OutputSamples.Locations.Select(known => known with { Folder = "/srv" + Evil, Problem = new Problem(Reason.DiskError, Evil) })];
        node.Actors = [new ActorResource { Path = Evil, Type = Evil, State = Evil, MailboxDepth = 1, Restarts = 1, LastFailure = Evil, Children = OutputSamples.Actors }];
        node.Connections = [.. OutputSamples.Connections.Select(known => known with { RemoteAddress = Evil })];
        node.Queue = OutputSamples.Queue with
        {
            Waiting = [.. OutputSamples.Queue.Waiting.Select(known => known with { Source = Evil, Destination = Evil, Problem = new Problem(Reason.NodeUnreachable, Evil) })],
        };
        node.Kept = [.. Samples.Kept.Select(known => known with { Place = Evil, Name = Evil })];
        node.Chunks = OutputSamples.Chunks with
        {
            Failed = [.. OutputSamples.Chunks.Failed.Select(known => new FailedChunkResource(Evil, new Problem(Reason.ChunkCorrupt, Evil), known.Evidence with { Expected = Evil, Actual = Evil, Peer = Evil }))],
        };
    }

    private static IReadOnlyList<TransferEvent> Tell(TransferResource end) =>
        [.. OutputSamples.EventsOf(Corrupt(end) with { LastEvent = 3 }).Select(item => item with { Kind = Evil, Text = Evil, Transfer = Corrupt(item.Transfer) })];

    private static TransferResource Corrupt(TransferResource transfer) => transfer with
    {
        Source = "src:" + Evil, Destination = "beta:" + Evil, ResultName = Evil, Epoch = Evil, Problem = new Problem(Reason.ChunkCorrupt, Evil), NextRetrySeconds = double.MaxValue, EtaSeconds = -1,
        Progress = transfer.Progress with { CurrentPath = Evil },
        Issues = [new FileIssue(Evil, FileState.Parked, new Problem(Reason.ChunkCorrupt, Evil)) { Chunk = new ParkedChunk(1, 2, 3, Evil, Evil, 4, Evil, Samples.Start) }],
    };
}
