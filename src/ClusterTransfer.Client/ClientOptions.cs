namespace ClusterTransfer.Client;

/// <summary>Where the node is, who asks, and how patient the client is.</summary>
public sealed record ClientOptions
{
    /// <summary>The node's API, for example <c>http://127.0.0.1:7400</c>.</summary>
    public required Uri Address { get; init; }

    /// <summary>The node's token, as in its file: white space around it does not count. Null asks without one, which only health, the kinds of problems and
    /// the API's document answer.</summary>
    public string? Token { get; init; }

    /// <summary>Clock of time-outs and back-off.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>How long an answer may take. Default 30 s: a submit waits for the hub's journal.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an event stream may be silent before it counts as dead. Default 45 s: three of the node's heartbeats.</summary>
    public TimeSpan StreamSilence { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>Wait before the second attempt to reach a lost node; the first is made at once. Default 250 ms.</summary>
    public TimeSpan ReconnectMin { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest wait between attempts. Default 3 s: a person is looking.</summary>
    public TimeSpan ReconnectMax { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a watch goes on without its node before it gives up. Default 30 min.</summary>
    public TimeSpan ReconnectLimit { get; init; } = TimeSpan.FromMinutes(30);
}
