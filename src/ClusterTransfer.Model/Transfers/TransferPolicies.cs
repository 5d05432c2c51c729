using System.Text.Json.Serialization;

namespace ClusterTransfer.Model;

/// <summary>How a transfer copes with what goes wrong. Taken from the hub's configuration when it is submitted, and kept: both ends of all its sessions go by it.</summary>
/// <remarks>What a journal or message of another version leaves out or sets to zero reads as the default: zero never means "without limit".</remarks>
public sealed record TransferPolicies
{
    /// <summary>The documented defaults.</summary>
    public static readonly TransferPolicies Default = new();

    /// <summary>How often, and after which pauses, a chunk is sent again.</summary>
    public ChunkRetryPolicy ChunkRetry { get; init => field = value ?? new(); } = new();

    /// <summary>How long a chunk's acknowledgement is waited for.</summary>
    public AcknowledgementPolicy Acknowledgement { get; init => field = value ?? new(); } = new();

    /// <summary>How many damaged chunks and frames a connection may bring before it is closed.</summary>
    public BadChunkPolicy BadChunks { get; init => field = value ?? new(); } = new();

    /// <summary>How much must move for a session not to be given up.</summary>
    public ProgressPolicy Progress { get; init => field = value ?? new(); } = new();

    /// <summary>What becomes of chunks that are on their way when the transfer is to hold.</summary>
    public DrainPolicy Drain { get; init => field = value ?? new(); } = new();

    /// <summary>When received bytes are made durable; a destination that is configured to do it sooner does it sooner.</summary>
    public CheckpointPolicy Checkpoint { get; init => field = value ?? new(); } = new();

    /// <summary>Whether chunks are compressed on their way.</summary>
    public CompressionMode Compression { get; init; }
}

/// <summary>How often, and after which pauses, a chunk is sent again.</summary>
public sealed record ChunkRetryPolicy
{
    private static readonly TimeSpan DefaultPauseMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan DefaultPauseMax = TimeSpan.FromSeconds(10);

    /// <summary>How often a chunk is sent in one session, the first time included, before it is parked. 1 to 100, default 8.</summary>
    public int Attempts { get; init => field = value > 0 ? value : 8; } = 8;

    /// <summary>The pause after the first refusal; doubled from refusal to refusal, with jitter. 10 ms to 1 min, default 100 ms.</summary>
    [JsonIgnore]
    public TimeSpan PauseMin { get; init => field = value > TimeSpan.Zero ? value : DefaultPauseMin; } = DefaultPauseMin;

    /// <summary>The longest such pause. 10 ms to 10 min, default 10 s.</summary>
    [JsonIgnore]
    public TimeSpan PauseMax { get; init => field = value > TimeSpan.Zero ? value : DefaultPauseMax; } = DefaultPauseMax;

    /// <summary>The pause after the first refusal, in seconds; doubled from refusal to refusal, with jitter.</summary>
    public double PauseMinSeconds
    {
        get => PauseMin.TotalSeconds;
        init => PauseMin = PolicyTime.Of(value);
    }

    /// <summary>The longest such pause, in seconds.</summary>
    public double PauseMaxSeconds
    {
        get => PauseMax.TotalSeconds;
        init => PauseMax = PolicyTime.Of(value);
    }
}

/// <summary>How long a chunk's acknowledgement is waited for.</summary>
public sealed record AcknowledgementPolicy
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    /// <summary>How long an acknowledgement may take before the chunk's connection is suspected. 100 ms to 10 min, default 30 s.</summary>
    [JsonIgnore]
    public TimeSpan Timeout { get; init => field = value > TimeSpan.Zero ? value : DefaultTimeout; } = DefaultTimeout;

    /// <summary>How long an acknowledgement may take before the chunk's connection is suspected, in seconds.</summary>
    public double TimeoutSeconds
    {
        get => Timeout.TotalSeconds;
        init => Timeout = PolicyTime.Of(value);
    }

    /// <summary>After how many such times in a row for one chunk its connection is given up, which counts as one of the chunk's attempts. 1 to 20, default 3.</summary>
    public int Repeats { get; init => field = value > 0 ? value : 3; } = 3;
}

/// <summary>How many damaged chunks and frames a connection may bring before it is closed.</summary>
/// <remarks>Each adds one to the connection's score, good chunks or time take off again, and at the limit the connection is closed and another dialled.</remarks>
public sealed record BadChunkPolicy
{
    private static readonly TimeSpan DefaultForgiveAfter = TimeSpan.FromMinutes(1);

    /// <summary>The score at which a connection is closed. 1 to 100, default 3.</summary>
    public int Limit { get; init => field = value > 0 ? value : 3; } = 3;

    /// <summary>What takes off from the score. Default good chunks.</summary>
    public BadChunkDecay Decay { get; init; } = BadChunkDecay.Good;

    /// <summary>How many good chunks forgive one bad one. 1 to 1,000, default 2.</summary>
    public int GoodPerBad { get; init => field = value > 0 ? value : 2; } = 2;

    /// <summary>The time that forgives one bad chunk. 1 s to 24 h, default 1 min.</summary>
    [JsonIgnore]
    public TimeSpan ForgiveAfter { get; init => field = value > TimeSpan.Zero ? value : DefaultForgiveAfter; } = DefaultForgiveAfter;

    /// <summary>The time that forgives one bad chunk, in seconds.</summary>
    public double ForgiveAfterSeconds
    {
        get => ForgiveAfter.TotalSeconds;
        init => ForgiveAfter = PolicyTime.Of(value);
    }
}

/// <summary>How much must move for a session not to be given up.</summary>
/// <remarks>Time in which an end works on its own disk, only refused chunks wait to be sent again, no connection stands, or the transfer is to hold is not counted.</remarks>
public sealed record ProgressPolicy
{
    private const long DefaultBytes = 64 * 1024;
    private static readonly TimeSpan DefaultWithin = TimeSpan.FromMinutes(2);

    /// <summary>Bytes that must reach the destination within <see cref="Within"/>. 1 to 1 GiB, default 64 KiB.</summary>
    public long Bytes { get; init => field = value > 0 ? value : DefaultBytes; } = DefaultBytes;

    /// <summary>See <see cref="Bytes"/>. 1 s to 24 h, default 2 min.</summary>
    [JsonIgnore]
    public TimeSpan Within { get; init => field = value > TimeSpan.Zero ? value : DefaultWithin; } = DefaultWithin;

    /// <summary>The time in which the bytes must reach the destination, in seconds.</summary>
    public double WithinSeconds
    {
        get => Within.TotalSeconds;
        init => Within = PolicyTime.Of(value);
    }
}

/// <summary>What becomes of chunks that are on their way when the transfer is to hold.</summary>
public sealed record DrainPolicy
{
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(5);

    /// <summary>How long they may still arrive. 10 ms to 1 min, default 5 s.</summary>
    [JsonIgnore]
    public TimeSpan Limit { get; init => field = value > TimeSpan.Zero ? value : DefaultLimit; } = DefaultLimit;

    /// <summary>How long they may still arrive, in seconds.</summary>
    public double LimitSeconds
    {
        get => Limit.TotalSeconds;
        init => Limit = PolicyTime.Of(value);
    }
}

/// <summary>When received bytes are made durable.</summary>
public sealed record CheckpointPolicy
{
    private const long DefaultBytes = 64 * 1024 * 1024;
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(1);

    /// <summary>After so many. 1 MiB to 1 GiB, default 64 MiB.</summary>
    public long Bytes { get; init => field = value > 0 ? value : DefaultBytes; } = DefaultBytes;

    /// <summary>The longest they wait. 10 ms to 1 min, default 1 s.</summary>
    [JsonIgnore]
    public TimeSpan Interval { get; init => field = value > TimeSpan.Zero ? value : DefaultInterval; } = DefaultInterval;

    /// <summary>The longest they wait, in seconds.</summary>
    public double IntervalSeconds
    {
        get => Interval.TotalSeconds;
        init => Interval = PolicyTime.Of(value);
    }
}

/// <summary>Whether chunks are compressed on their way. A codec that one of the two systems does not have is not used.</summary>
[JsonConverter(typeof(EnumNameConverter<CompressionMode>))]
public enum CompressionMode
{
    /// <summary>Where it makes the transfer faster, by what link and processors are measured to do; the codec is chosen by itself.</summary>
    Auto,

    /// <summary>Never.</summary>
    None,

    /// <summary>LZ4, every chunk that it shortens.</summary>
    Lz4,

    /// <summary>Zstandard, every chunk that it shortens.</summary>
    Zstandard,
}

/// <summary>What takes off from a connection's score of bad chunks.</summary>
[JsonConverter(typeof(EnumNameConverter<BadChunkDecay>))]
public enum BadChunkDecay
{
    /// <summary>Good chunks.</summary>
    Good,

    /// <summary>Time without a bad one.</summary>
    Time,

    /// <summary>Good chunks and time, each by itself.</summary>
    Both,
}

/// <summary>Seconds of a message as a time; what is no time a policy can have is none, so that the default counts.</summary>
file static class PolicyTime
{
    private const double MaxSeconds = 366 * 86_400.0;

    public static TimeSpan Of(double seconds) => seconds > 0 && seconds <= MaxSeconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;
}
