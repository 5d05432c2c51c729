namespace ClusterTransfer.Model;

/// <summary>Names a session in the header of each frame; random, made by the coordinator, never 0 (0 is the connection itself).</summary>
public readonly record struct SessionId(uint Value)
{
    /// <summary>Frames that belong to the connection and to no session.</summary>
    public static readonly SessionId Connection;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x8");
}
