namespace ClusterTransfer.Chaos.Harness;

/// <summary>An attached <c>ct cp</c>: what a user has in front of them while nodes die.</summary>
internal sealed class CopyRun(string ct, NodeProcess node, string source, string destination, params string[] options) : IAsyncDisposable
{
    public ProcessRun Run { get; } = ProcessRun.Start(
        $"ct cp {source} {destination} by {node.Name}",
        ct,
        ["cp", source, destination, .. options],
        ("CT_NODE", node.Address),
        ("CT_TOKEN_FILE", node.TokenFile));

    /// <summary>Waits for its end; it must have succeeded, and have told on standard error what the test says it must.</summary>
    public async Task SucceededAsync(params string[] said)
    {
        int code = await Run.EndAsync(Patience.Transfer);
        Assert.True(code == 0, $"ct cp ended with {code}.");
        string errors = string.Join('\n', Run.ErrorLines);
        foreach (string words in said)
        {
            Assert.Contains(words, errors, StringComparison.Ordinal);
        }
    }

    public ValueTask DisposeAsync() => Run.DisposeAsync();
}
