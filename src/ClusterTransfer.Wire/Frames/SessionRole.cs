namespace ClusterTransfer.Wire.Frames;

/// <summary>Which end of a session speaks. The numbers are the wire form.</summary>
public enum SessionRole : byte
{
    /// <summary>The node that reads the files.</summary>
    Source = 1,

    /// <summary>The node that writes them.</summary>
    Destination = 2,
}
