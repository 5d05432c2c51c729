namespace ClusterTransfer.TestKit.Proxy;

/// <summary>Decides about each frame. Called by the pumps of all connections at once; one that does not return holds its direction of its connection.</summary>
/// <param name="frame">The frame; its bytes may be changed.</param>
/// <param name="cancellationToken">Fires when the connection ends.</param>
public delegate ValueTask<FrameFate> FrameScript(ProxiedFrame frame, CancellationToken cancellationToken);
