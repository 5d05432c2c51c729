using ClusterTransfer.Node.Tests.EndToEnd;

namespace ClusterTransfer.Cli.Tests.EndToEnd;

/// <summary>What a user of a cluster types and sees.</summary>
/// <param name="Exit">Exit code.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record Ct(int Exit, string Out, string Error)
{
    /// <summary>Asks alpha.</summary>
    public static async Task<Ct> RunAsync(Cluster cluster, params string[] args)
    {
        using var run = new CliRun();
        run.Variables["CT_TOKEN"] = cluster.AlphaToken;
        int exit = await run.RunAsync(cluster.Alpha.ApiAddress, args);
        return new Ct(exit, run.Out, run.Error);
    }

    /// <summary>Ended with that code, and said all of this somewhere.</summary>
    public void AssertSaid(int exit, params string[] said)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"exit {Exit}\n--- out\n{Out}\n--- error\n{Error}");
        Assert.Equal(exit, Exit);
        Assert.All(said, text => Assert.Contains(text, Out + Error, StringComparison.Ordinal));
    }
}
