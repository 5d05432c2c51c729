namespace ClusterTransfer.TestKit.Proxy;

/// <summary>What the proxy does with a frame.</summary>
public enum FrameFate
{
    /// <summary>Passed on, with whatever the script did to its bytes.</summary>
    Forward,

    /// <summary>Passed on twice.</summary>
    Twice,

    /// <summary>Swallowed.</summary>
    Drop,

    /// <summary>Passed on behind the next frame of the same direction.</summary>
    AfterNext,

    /// <summary>Swallowed, and both sockets are reset.</summary>
    Reset,

    /// <summary>Its first <see cref="ProxiedFrame.CutAt"/> bytes are passed on, then both sockets are reset.</summary>
    Cut,
}
