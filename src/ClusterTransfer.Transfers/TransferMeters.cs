using System.Diagnostics.Metrics;

namespace ClusterTransfer.Transfers;

/// <summary>What the data plane of this process measures for whoever listens, for example <c>dotnet-counters monitor --counters ClusterTransfer.Transfers</c>.</summary>
internal static class TransferMeters
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "ClusterTransfer.Transfers";

    private static readonly Meter Meter = new(Name);

    /// <summary>Chunks that came for a session that had ended, of an older epoch or was never there; they are dropped.</summary>
    public static readonly Counter<long> LateChunks = Meter.CreateCounter<long>("clustertransfer.chunks.late", "{chunk}", "Chunks dropped because their session is over.");

    /// <summary>Chunks that a destination looked at, by what became of them: stored, there already, not wanted (its file has its outcome), or why it was refused.</summary>
    public static readonly Counter<long> ReceivedChunks = Meter.CreateCounter<long>("clustertransfer.chunks.received", "{chunk}", "Chunks that arrived, by outcome.");

    /// <summary>Stop signals that reached a source.</summary>
    public static readonly Counter<long> StopSignals = Meter.CreateCounter<long>("clustertransfer.stop.signals", "{signal}", "Asks to end a session that reached the sending end.");

    /// <summary>From the stop signal to the end of the sending session.</summary>
    public static readonly Histogram<double> DrainTime = Meter.CreateHistogram<double>("clustertransfer.drain.duration", "s", "Time in which chunks on their way still arrived after a stop signal.");
}
