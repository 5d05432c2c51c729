using ClusterTransfer.TestKit;

namespace ClusterTransfer.Cli.Tests;

public sealed class UsageTests
{
    [Theory]
    [InlineData("cpp a1:b c1:d", "'ct' has no verb 'cpp'. \u2014 did you mean 'cp'?")]
    [InlineData("actor tree", "did you mean 'actors'?")]
    [InlineData("nodes list", "'ct nodes' has no verb 'list'. \u2014 see 'ct nodes --help'")]
    [InlineData("cp --detatch a1:b c1:d", "'ct cp' has no flag '--detatch'. \u2014 did you mean '--detach'?")]
    [InlineData("cp a1:b c1:d --conflcit=skip", "did you mean '--conflict'?")]
    [InlineData("ls --tokenfile x", "did you mean '--token-file'?")]
    [InlineData("cp a1:b", "'ct cp' needs DST.")]
    [InlineData("get", "'ct get' needs ID.")]
    [InlineData("get abcd extra", "takes no further argument 'extra'")]
    [InlineData("cp a1:b c1:d --conflict newest", "--conflict is 'newest'. \u2014 Give one of fail, overwrite, skip.")]
    [InlineData("cp a1:b c1:d --durability recieved", "did you mean 'received'? Else one of flushed, received, verified.")]
    [InlineData("ls -o jsn", "--output is 'jsn'. \u2014 did you mean 'json'?")]
    [InlineData("ls --progress quiet", "Give one of auto, plain, json, none.")]
    [InlineData("cp a1:b c1:d --connections 17", "1 to 16")]
    [InlineData("cp a1:/b c1:d", "Write a1:b")]
    [InlineData("cp a1:b c1:d --limit 0", "--limit is '0'. \u2014 Give a rate of 64K to 1T bytes per second")]
    [InlineData("limit abcd 0", "RATE is '0'. \u2014 Give a rate of 64K to 1T bytes per second")]
    [InlineData("limit abcd 20Q", "RATE is '20Q'. \u2014 Give a rate of 64K to 1T bytes per second")]
    [InlineData("limit abcd 63K", "RATE is '63K'.")]
    [InlineData("limit abcd unlimited", "or none")]
    [InlineData("limit abcd -20M", "'-20M'")]
    [InlineData("limit abcd", "'ct limit ID' needs RATE.")]
    [InlineData("limit --on alpha 0", "RATE is '0'. \u2014 Give a rate of 64K to 1T bytes per second")]
    [InlineData("limit --on alpha", "'ct limit --on' needs one RATE and no transfer.")]
    [InlineData("limit abcd 20M --on alpha", "'ct limit --on' needs one RATE and no transfer.")]
    [InlineData("limit --on Alpha_1 20M", "--on is 'Alpha_1'.")]
    [InlineData("limit --on alpha --to B 20M", "--to is 'B'.")]
    [InlineData("limit abcd 20M --to beta", "--to needs --on.")]
    [InlineData("limit abcd configured", "RATE is 'configured'.")]
    [InlineData("cp a1:b c1:d --weight 0", "1 to 100")]
    [InlineData("limit ab 20M", "'ab' is not a transfer id")]
    [InlineData("get ab", "'ab' is not a transfer id")]
    [InlineData("ls --state Sleeping", "The states are Queued")]
    [InlineData("ls --state actve", "Did you mean 'Active'?")]
    [InlineData("ls --state active,quued", "Did you mean 'Queued'?")]
    [InlineData("ls --state paused", "use --state queued")]
    [InlineData("ls --location S", "'ct locations ls' lists them")]
    [InlineData("ls --on B!", "'ct nodes ls' lists them")]
    [InlineData("ls --since yesterday", "30m or 7d")]
    [InlineData("ls --sort newst", "did you mean 'newest'? Else one of newest, oldest, last-ended, first-ended.")]
    [InlineData("wait abcd --for pausd", "Did you mean 'paused'?")]
    [InlineData("evnts abcd", "did you mean 'events'?")]
    [InlineData("events abcd --folow", "did you mean '--follow'?")]
    [InlineData("chunks abcd --faild", "did you mean '--failed'?")]
    [InlineData("pause", "'ct pause' needs ID.")]
    [InlineData("cp a1:b c1:d --connection-policy strct", "did you mean 'strict'?")]
    [InlineData("ls --limit 0", "1 to 200")]
    [InlineData("wait abcd --timeout soon", "30s, 5m or 2h")]
    [InlineData("ls --node ftp://x", "'ftp://x' is not the address of a node")]
    [InlineData("node run", "'--config'")]
    [InlineData("node run --config f --set level", "KEY=VALUE")]
    [InlineData("pki issue UPPER --authority a --out b", "'UPPER' is not a node name")]
    [InlineData("", "'ct' needs a verb: cp, ls")]
    [InlineData("nodes", "'ct nodes' needs a verb: ls.")]
    public async Task Arguments_WhenWrong_ExitWith2AndARemedy(string line, string expected)
    {
        using var run = new CliRun();

        int exit = await run.RunAsync(null, line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, exit);
        Assert.StartsWith("ct: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.Contains(" \u2014 ", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
        Assert.Empty(run.Out);
    }

    [Theory]
    [InlineData("")]
    [InlineData("cp")]
    [InlineData("ls")]
    [InlineData("get")]
    [InlineData("watch")]
    [InlineData("wait")]
    [InlineData("cancel")]
    [InlineData("nodes")]
    [InlineData("nodes ls")]
    [InlineData("locations ls")]
    [InlineData("actors tree")]
    [InlineData("version")]
    [InlineData("pki init")]
    [InlineData("pki issue")]
    [InlineData("config check")]
    [InlineData("config get")]
    [InlineData("config explain")]
    [InlineData("node run")]
    public async Task Help_OfEveryVerb_ShowsAnExample(string verb)
    {
        using var run = new CliRun();

        int exit = await run.RunAsync(null, [.. verb.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        Assert.Equal(0, exit);
        Assert.Contains("Usage:", run.Out, StringComparison.Ordinal);
        Assert.Contains($"Example:\n  ct {verb}", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NodeRun_PassesFileAndOverrides()
    {
        using var run = new CliRun { Folder = "/etc/ct" };

        int exit = await run.RunAsync(null, "node", "run", "--config", "beta.conf", "--set", "log.level=debug", "--set", "a=b=c");

        Assert.Equal(0, exit);
        Assert.Equal("/etc/ct/beta.conf", run.NodeCall!.File);
        Assert.Equal(new Dictionary<string, string> { ["log.level"] = "debug", ["a"] = "b=c" }, run.NodeCall.Overrides);
    }

    [Fact]
    public async Task Pki_MakesAuthorityAndNode_AndOverwritesNothing()
    {
        using var folder = new TestFolder();
        using var init = new CliRun { Folder = folder.Path };
        using var issue = new CliRun { Folder = folder.Path };
        using var again = new CliRun { Folder = folder.Path };

        int made = await init.RunAsync(null, "pki", "init", "--out", "pki", "--name", "lab");
        int issued = await issue.RunAsync(null, "pki", "issue", "beta", "--authority", "pki", "--out", "tls", "--host", "127.0.0.1", "--host", "beta.example");
        int repeated = await again.RunAsync(null, "pki", "init", "--out", "pki");

        Assert.Equal((0, 0), (made, issued));
        Assert.True(File.Exists(folder["pki", "ca.key"]));
        Assert.True(File.Exists(folder["tls", "beta.crt"]));
        Assert.Contains(folder["tls", "beta.key"], issue.Out, StringComparison.Ordinal);
        Assert.NotEqual(0, repeated);
        Assert.StartsWith("ct: ", again.Error, StringComparison.Ordinal);
    }
}
