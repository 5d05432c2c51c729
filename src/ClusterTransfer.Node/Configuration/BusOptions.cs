namespace ClusterTransfer.Node.Configuration;

/// <summary>The control link to the hub; section <c>bus</c>.</summary>
public sealed record BusOptions
{
    /// <summary>First wait before the hub is dialled again, doubled and jittered from try to try, 10 ms to 60 s. Default 250 ms.</summary>
    public TimeSpan ReconnectMin { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest such wait, 100 ms to 10 min. Default 10 s.</summary>
    public TimeSpan ReconnectMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the link is checked, 100 ms to 60 s. Default 3 s.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Checks without an answer after which the other end counts as gone, 1 to 20. Default 3.</summary>
    public int HeartbeatMisses { get; init; } = 3;
}
