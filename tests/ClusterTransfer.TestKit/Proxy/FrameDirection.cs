namespace ClusterTransfer.TestKit.Proxy;

/// <summary>Which way a frame goes.</summary>
public enum FrameDirection
{
    /// <summary>From the node that dialled, which is the source of what is copied.</summary>
    FromDialler,

    /// <summary>From the node that accepted.</summary>
    FromAcceptor,
}
