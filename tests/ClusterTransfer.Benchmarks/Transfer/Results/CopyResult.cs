namespace ClusterTransfer.Benchmarks.Transfer.Results;

/// <summary>How a copy ended.</summary>
internal enum Outcome
{
    /// <summary>Everything arrived, compared byte by byte.</summary>
    Ok,

    /// <summary>The tool said that it failed, or could not be started.</summary>
    Failed,

    /// <summary>It was ended at the time limit.</summary>
    TimedOut,

    /// <summary>The tool said that all is well, and it was not.</summary>
    Different,

    /// <summary>The tool is not here; it was not tried.</summary>
    Skipped,
}

/// <summary>One copy by one tool.</summary>
internal sealed record CopyResult
{
    /// <summary>The tool, as on the command line.</summary>
    public required string Tool { get; init; }

    /// <summary>From 1 on.</summary>
    public required int Round { get; init; }

    public required Outcome Outcome { get; init; }

    /// <summary>Why it did not work out; empty when it did.</summary>
    public string Reason { get; init; } = "";

    /// <summary>From the start of the command to its end.</summary>
    public TimeSpan Wall { get; init; }

    /// <summary>By the tool's own clock, when it has one.</summary>
    public TimeSpan? OwnClock { get; init; }

    /// <summary>Processor seconds of all its processes, at both ends.</summary>
    public double CpuSeconds { get; init; }

    /// <summary>Processor seconds of everybody else on the machine meanwhile.</summary>
    public double OtherCpuSeconds { get; init; }

    /// <summary>Peak resident memory in bytes of what serves the source; 0 for nothing.</summary>
    public long SourceBytes { get; init; }

    /// <summary>Peak resident memory in bytes of what writes the destination.</summary>
    public long DestinationBytes { get; init; }

    /// <summary>Peak resident memory in bytes of a command that is neither end; 0 for none.</summary>
    public long CommandBytes { get; init; }
}
