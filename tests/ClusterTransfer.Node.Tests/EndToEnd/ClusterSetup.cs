using ClusterTransfer.Node.Configuration;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>How a cluster of a test differs from the usual one.</summary>
internal sealed record ClusterSetup
{
    /// <summary>Whether a <see cref="TestKit.Proxy.FrameProxy"/> stands before beta's data port.</summary>
    public bool WithProxy { get; init; }

    /// <summary>Whether one stands before alpha's instead: between the two when beta is the source.</summary>
    public bool WithProxyBeforeAlpha { get; init; }

    /// <summary>What that proxy shows alpha instead of beta's certificate, and where its key is.</summary>
    public Func<Cluster, (string Certificate, string Key)>? ProxyShowsAlpha { get; init; }

    /// <summary>What it shows beta instead of alpha's.</summary>
    public Func<Cluster, (string Certificate, string Key)>? ProxyShowsBeta { get; init; }

    /// <summary>Changes alpha's options.</summary>
    public Func<NodeOptions, NodeOptions> Alpha { get; init; } = options => options;

    /// <summary>Changes beta's options.</summary>
    public Func<NodeOptions, NodeOptions> Beta { get; init; } = options => options;
}
