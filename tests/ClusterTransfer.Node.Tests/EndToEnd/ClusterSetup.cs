using ClusterTransfer.Node.Configuration;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>How a cluster of a test differs from the usual one.</summary>
internal sealed record ClusterSetup
{
    /// <summary>Whether a <see cref="TestKit.Proxy.FrameProxy"/> stands before beta's data port.</summary>
    public bool WithProxy { get; init; }

    /// <summary>What that proxy shows alpha instead of beta's certificate.</summary>
    public (string Certificate, string Key)? ProxyShows { get; init; }

    /// <summary>Changes alpha's options.</summary>
    public Func<NodeOptions, NodeOptions> Alpha { get; init; } = options => options;

    /// <summary>Changes beta's options.</summary>
    public Func<NodeOptions, NodeOptions> Beta { get; init; } = options => options;
}
