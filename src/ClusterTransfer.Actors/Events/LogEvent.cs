namespace ClusterTransfer.Actors;

/// <summary>How much an operator should care.</summary>
public enum LogEventLevel
{
    /// <summary>One operation.</summary>
    Debug,

    /// <summary>A life event.</summary>
    Info,

    /// <summary>The system coped; look later.</summary>
    Warning,

    /// <summary>A person must act.</summary>
    Error,
}

/// <summary>What the kernel has to say; the host forwards it to its own log.</summary>
/// <param name="Level">How much an operator should care.</param>
/// <param name="ActorPath">The actor it is about, such as <c>/user/a</c>.</param>
/// <param name="Message">A sentence.</param>
/// <param name="Exception">The error behind it, if any.</param>
public sealed record LogEvent(LogEventLevel Level, string ActorPath, string Message, Exception? Exception);
