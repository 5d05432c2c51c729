using System.Text.Json;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Tests.Api;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Cli.Tests.Printed;

/// <summary>What each command prints in each format: standard output, standard error and exit code, as they were agreed.</summary>
public sealed class GoldenOutputTests
{
    /// <summary>Name of the golden file, and what is typed.</summary>
    private static readonly (string Name, string Line)[] Commands =
    [
        ("ls", "ls --limit 6"),
        ("get", "get k3m9"),
        ("get-failed", "get s2k3"),
        ("get-unknown", "get zzzz"),
        ("cp", "cp src:sdk beta:in"),
        ("cp-partial", "cp src:sdk beta:in"),
        ("cp-failed", "cp src:sdk beta:in"),
        ("cp-fail-on-wait", "cp src:sdk beta:in --fail-on-wait"),
        ("cp-detach", "cp src:sdk beta:in --detach"),
        ("cp-progress-json", "cp src:sdk beta:in --progress json"),
        ("cp-refused", "cp src:sdk beta:in --progress json"),
        ("watch", "watch q8r5"),
        ("wait", "wait r9tz"),
        ("wait-paused", "wait p7q4 --for paused"),
        ("pause", "pause k3m9"),
        ("pause-several", "pause k3m9 p7q4 zzzz"),
        ("resume", "resume p7q4"),
        ("retry", "retry s2k3"),
        ("retry-several", "retry s2k3 q8r5"),
        ("cancel", "cancel k3m9"),
        ("pause-all", "pause --all"),
        ("resume-all", "resume --all"),
        ("cancel-all", "cancel --all --yes"),
        ("cancel-all-unasked", "cancel --all"),
        ("pause-none", "pause"),
        ("retry-files", "retry s2k3 --files sdk/big.bin --files sdk/lib"),
        ("retry-files-refused", "retry r9tz --files sdk/none"),
        ("retry-chunks", "retry s2k3 --chunks 17"),
        ("limit", "limit k3m9 20M"),
        ("limit-list", "limit"),
        ("limit-node", "limit --on alpha 20M"),
        ("limit-peer", "limit --on alpha --to beta none"),
        ("limit-back", "limit --on alpha configured"),
        ("limit-bad", "limit k3m9 20Q"),
        ("why", "why t3m9"),
        ("why-paused", "why p7q4"),
        ("why-failed", "why s2k3"),
        ("why-active", "why k3m9"),
        ("queue-show", "queue show"),
        ("queue-pause", "queue pause"),
        ("queue-resume", "queue resume"),
        ("events", "events k3m9 --after 1"),
        ("events-follow", "events s2k3 -f"),
        ("chunks", "chunks s2k3"),
        ("chunks-failed", "chunks s2k3 --failed"),
        ("conns", "conns k3m9"),
        ("nodes-ls", "nodes ls"),
        ("locations-ls", "locations ls"),
        ("actors-tree", "actors tree"),
        ("gc", "gc"),
        ("gc-yes", "gc --yes"),
        ("version", "version"),
        ("config-check", "config check good.conf"),
        ("config-check-bad", "config check bad.conf"),
        ("config-get", "config get log.level --config good.conf"),
        ("config-get-section", "config get hub --config good.conf"),
        ("config-explain", "config explain log.level --config good.conf"),
        ("node-run", "node run --config good.conf"),
        ("usage", "ls --stat active"),
    ];

    public static TheoryData<string, string> Cases { get; } = MakeCases();

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Output_IsAsAgreed(string name, string format)
    {
        string line = Commands.Single(command => command.Name == name).Line;
        (int exit, string output, string error) = await RunAsync(name, line, format);

        GoldenText.AssertSame(Path.Combine("Output", $"{name}.{format}.txt"), $"$ ct {line} -o {format}\n{output}--- standard error\n{error}--- exit {exit}\n");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Output_ForScripts_IsWellFormedAndTruthful(string name, string format)
    {
        string line = Commands.Single(command => command.Name == name).Line;
        (int exit, string output, _) = await RunAsync(name, line, format);

        switch (format)
        {
            case "json" when output.Length > 0:
                using (JsonDocument document = JsonDocument.Parse(output))
                {
                    Assert.Equal(1, document.RootElement.GetProperty("schemaVersion").GetInt32());
                }

                break;
            case "yaml":
                (_, string json, _) = await RunAsync(name, line, "json");
                Assert.Equal(json.Length == 0, output.Length == 0);
                if (json.Length > 0)
                {
                    using JsonDocument read = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(YamlReader.Read(output)));
                    Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(json).RootElement, read.RootElement));
                }

                break;
            case "jsonl":
                JsonElement[] lines = [.. output.TrimEnd('\n').Split('\n').Select(text => JsonDocument.Parse(text).RootElement)];
                Assert.All(lines, item => Assert.Equal(1, item.GetProperty("schemaVersion").GetInt32()));
                JsonElement summary = lines[^1];
                Assert.Equal("summary", summary.GetProperty("type").GetString());
                Assert.Equal(exit, summary.GetProperty("exitCode").GetInt32());
                Assert.Equal(lines[..^1].Count(item => !Is(item, "problem")), summary.GetProperty("counts").GetProperty("items").GetInt32());
                Assert.Equal(exit == 0, summary.GetProperty("status").GetString() is "ok" or "accepted");
                Assert.DoesNotContain(lines[..^1], item => Is(item, "summary"));
                break;
            case "name":
                Assert.DoesNotContain(' ', output);
                break;
        }
    }

    private static bool Is(JsonElement item, string type) => item.TryGetProperty("type", out JsonElement given) && given.GetString() == type;

    private static async Task<(int Exit, string Output, string Error)> RunAsync(string name, string line, string format)
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder["good.conf"], """
            cluster-transfer {
              node { name = alpha, state-folder = /var/lib/ct }
              hub.enabled = yes
              tls { authority = /etc/ct/ca.crt, certificate = /etc/ct/alpha.crt, key = /etc/ct/alpha.key }
              log.level = debug
            }
            """);
        await File.WriteAllTextAsync(folder["bad.conf"], "cluster-transfer { node.name = Alpha, log.level = 'loud' }\n");
        await using FakeNode node = await FakeNode.StartAsync();
        node.NextCursor = name == "ls" ? "more" : null;
        node.Stories[OutputSamples.Accepted.Id] = [OutputSamples.StoryTo(name switch { "cp-partial" => Samples.Partial, "cp-failed" => Samples.Parked, "cp-fail-on-wait" => WaitsForSpace, _ => Samples.Completed })];
        if (name == "cp-refused")
        {
            node.Problems["transfers"] = new Problem(Reason.DestinationExists, "'beta:in/sdk' exists.");
        }

        node.Problems["transfers/r9tz/retry"] = new Problem(Reason.PathNotFound, "'sdk/none' is none of the 2 files that transfer r9tzk3m9x2p7q4w8 did not deliver: it was delivered, or is no part of it. 'ct get r9tzk3m9x2p7q4w8' lists them.");
        node.Problems["transfers/q8r5/retry"] = new Problem(Reason.WrongState, "Transfer q8r5tzk3m9x2p7q4 is Completed.");
        using var run = new CliRun { Folder = folder.Path, Time = new VirtualTime(Samples.Start) };
        int exit = await run.RunAsync(node.Address, [.. line.Split(' '), "-o", format]);
        return (exit, run.Out, run.Error);
    }

    private static TransferResource WaitsForSpace(TransferResource transfer) =>
        Samples.Active(transfer.Id) with { State = TransferState.Negotiating, Problem = new Problem(Reason.NoSpace, "Location 'in' has 0 bytes free; besides what is staged the transfer needs 16781312 more.") };

    private static TheoryData<string, string> MakeCases()
    {
        var cases = new TheoryData<string, string>();
        foreach ((string name, _) in Commands)
        {
            foreach (OutputFormat format in Enum.GetValues<OutputFormat>())
            {
                cases.Add(name, format.ToString().ToLowerInvariant());
            }
        }

        return cases;
    }
}
