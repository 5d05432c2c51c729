namespace ClusterTransfer.Node.Api;

/// <summary>Limits of the HTTP API and what guards it.</summary>
public sealed record ApiServerOptions
{
    /// <summary>The token every request below <c>/api</c> must carry.</summary>
    public required ApiToken Token { get; init; }

    /// <summary>Clock of heartbeats and waits.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Longest request body in bytes. Default 1 MiB: the largest request has two paths of 4 KiB.</summary>
    public int MaxBodyBytes { get; init; } = 1024 * 1024;

    /// <summary>Event streams open at once. Default 128: each costs a connection and a wait.</summary>
    public int MaxEventStreams { get; init; } = 128;

    /// <summary>How long one write to an event stream may wait for its client before the client is cut. Default 20 s: a person's machine that slept for a
    /// moment is not cut, one that never reads does not hold its place and up to 64 KiB of the server's memory for long.</summary>
    public TimeSpan StreamWriteTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>A comment is sent when a stream was silent for this long, so that dead connections are noticed. Default 15 s.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(15);
}
