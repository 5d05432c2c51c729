namespace ClusterTransfer.Transport.Connections;

/// <summary>A frame was not written, because its memory was wanted by others before its turn would have come. It can be sent anew.</summary>
public sealed class FrameRecalledException() : Exception("The frame was recalled before it was written.");
