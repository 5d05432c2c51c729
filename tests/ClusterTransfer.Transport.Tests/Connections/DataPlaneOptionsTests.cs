using ClusterTransfer.Transport.Connections;

namespace ClusterTransfer.Transport.Tests.Connections;

public sealed class DataPlaneOptionsTests
{
    [Fact]
    public void Validate_TheDefaults_FindsNothing() => Assert.Empty(new DataPlaneOptions().Validate());

    [Fact]
    public void Validate_SeveralProblems_NamesEachKey()
    {
        string[] problems = [.. new DataPlaneOptions { MaxChunkBytes = 5, HeartbeatMisses = 0, HandshakeTimeout = TimeSpan.Zero }.Validate()];

        Assert.Equal(3, problems.Length);
        Assert.All((string[])["max-chunk-bytes", "heartbeat-misses", "handshake-timeout"],
            key => Assert.Single(problems, problem => problem.StartsWith($"data-plane.{key}:", StringComparison.Ordinal)));
    }
}
