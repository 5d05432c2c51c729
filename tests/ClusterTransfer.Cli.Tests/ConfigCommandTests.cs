using ClusterTransfer.TestKit;

namespace ClusterTransfer.Cli.Tests;

/// <summary><c>ct config</c>; the texts are in the folder Golden.</summary>
public sealed class ConfigCommandTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public ConfigCommandTests()
    {
        File.WriteAllText(_folder["good.conf"], """
            my.size = 8MiB
            cluster-transfer {
              node { name = alpha, state-folder = /var/lib/ct }
              hub.enabled = true
              tls { authority = /etc/ct/ca.crt, certificate = /etc/ct/alpha.crt, key = /etc/ct/alpha.key }
              data { listen = "0.0.0.0:7402", advertise = ["alpha.example.net:7402", "[fd00::1]:7402"] }
              data-plane.chunk-size = ${my.size}
              log.level = ${?MY_LEVEL}
              include "locations"
            }
            """);
        File.WriteAllText(_folder["locations.properties"], "locations.data.folder = /srv/data\nlocations.data.read-only = yes\n");
        File.WriteAllText(_folder["bad.conf"], """
            cluster-transfer {
              node { name = Alpha, state-folder = /var/lib/ct }
              hub.enabled = true
              tls { authority = a, certificate = b, key = c }
              data-plane { chunk-size = 3MiB, conections = 4, ack-timeout = 2 fortnights }
              transfers.chunk-retries = 0
            }
            """);
        File.WriteAllText(_folder["open.conf"], "a = ${x}\nb = ${y}\ncluster-transfer.log.level = ${z}");
        File.WriteAllText(_folder["syntax.conf"], "a {\n  b = }\n");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("check-good", 0, "check good.conf")]
    [InlineData("check-good-json", 0, "check good.conf -o json")]
    [InlineData("check-bad", 2, "check bad.conf")]
    [InlineData("check-bad-json", 2, "check bad.conf -o json")]
    [InlineData("check-open", 2, "check open.conf")]
    [InlineData("check-syntax", 2, "check syntax.conf")]
    [InlineData("check-missing", 2, "check none.conf")]
    [InlineData("check-set", 2, "check good.conf --set transfers.chunk-retries=0 --set log.levl=debug")]
    [InlineData("get-key", 0, "get data-plane.chunk-size --config good.conf")]
    [InlineData("get-key-json", 0, "get cluster-transfer.data-plane.chunk-size --config good.conf -o json")]
    [InlineData("get-list", 0, "get data.advertise --config good.conf")]
    [InlineData("get-own", 0, "get my.size --config good.conf")]
    [InlineData("get-section", 0, "get data --config good.conf")]
    [InlineData("get-section-json", 0, "get locations --config good.conf -o json")]
    [InlineData("get-default", 0, "get transfers.chunk-retries")]
    [InlineData("explain-default", 0, "explain transfers.chunk-retries")]
    [InlineData("explain-file", 0, "explain data-plane.chunk-size --config good.conf")]
    [InlineData("explain-environment", 0, "explain api.listen --config good.conf")]
    [InlineData("explain-variable-in-file", 0, "explain log.level --config good.conf")]
    [InlineData("explain-flag", 0, "explain transfers.chunk-retries --config good.conf --set transfers.chunk-retries=5")]
    [InlineData("explain-included", 0, "explain locations.data.folder --config good.conf")]
    [InlineData("explain-required", 0, "explain node.name")]
    [InlineData("explain-problem", 0, "explain data-plane.ack-timeout --config bad.conf")]
    [InlineData("explain-json", 0, "explain data-plane.ack-timeout --config bad.conf -o json")]
    public async Task Output_IsTheGoldenOne(string golden, int exit, string line)
    {
        using CliRun run = NewRun();

        Assert.Equal(exit, await run.RunAsync(null, ["config", .. line.Split(' ')]));

        GoldenText.AssertSame($"config-{golden}.txt", run.Out);
        Assert.Empty(run.Error);
    }

    [Theory]
    [InlineData("get transfers.chunk-retry", 3, "Did you mean 'transfers.chunk-retries'?")]
    [InlineData("get nothing.like.it", 3, "'ct config get cluster-transfer' lists all.")]
    [InlineData("explain a{", 3, "There is no key 'a{'.")]
    [InlineData("explain data-plane", 3, "There is no key 'data-plane'.")]
    [InlineData("get node.name", 2, "node.name has no value and no default.")]
    [InlineData("get log.level --config syntax.conf", 2, "syntax.conf:2:7")]
    [InlineData("explain log.level --set x", 2, "KEY=VALUE")]
    [InlineData("check", 2, "'ct config check' needs FILE.")]
    public async Task Arguments_WhenWrong_SayWhatIsMeant(string line, int exit, string expected)
    {
        using CliRun run = NewRun();

        Assert.Equal(exit, await run.RunAsync(null, ["config", .. line.Split(' ')]));

        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task Get_OfEverything_IsAConfigurationThatMeansTheSame()
    {
        using CliRun first = NewRun(), check = NewRun(), second = NewRun();
        Assert.Equal(0, await first.RunAsync(null, "config", "get", "cluster-transfer", "--config", "good.conf"));
        Assert.Contains("data.advertise = [\"alpha.example.net:7402\", \"[fd00::1]:7402\"]\n", first.Out, StringComparison.Ordinal);
        File.WriteAllText(_folder["all.conf"], $"cluster-transfer {{\n{first.Out}}}\n");

        Assert.Equal(0, await check.RunAsync(null, "config", "check", "all.conf"));
        Assert.Equal(0, await second.RunAsync(null, "config", "get", "cluster-transfer", "--config", "all.conf"));

        Assert.Equal(first.Out, second.Out);
    }

    [Fact]
    public async Task File_FromTheEnvironment_IsTaken()
    {
        using CliRun run = NewRun();
        run.Variables["CT_CONFIG"] = "good.conf";

        Assert.Equal(0, await run.RunAsync(null, "config", "get", "node.name"));

        Assert.Equal("alpha\n", run.Out);
    }

    private CliRun NewRun()
    {
        var run = new CliRun { Folder = _folder.Path };
        run.Variables["CT_API_LISTEN"] = "127.0.0.1:0";
        run.Variables["MY_LEVEL"] = "debug";
        return run;
    }
}
