using ClusterTransfer.Model;

namespace ClusterTransfer.Transfers.Policies;

/// <summary>How often a connection brought something damaged, less what was forgiven. Pure: it only counts; whoever owns the connection acts on it.</summary>
/// <remarks>Shared by all sessions of the connection: a link that damages the chunks of one damages those of the others. Not thread-safe.</remarks>
internal sealed class BadChunkScore(TimeProvider time)
{
    private BadChunkPolicy? _policy;
    private int _goodTowards;
    private long _countsFrom;

    /// <summary>What counts now: of the sessions it ever carried, the strictest.</summary>
    public BadChunkPolicy Policy => _policy ?? TransferPolicies.Default.BadChunks;

    /// <summary>The counts, as of the last call.</summary>
    public ConnectionHealth Health { get; private set; } = ConnectionHealth.Untouched;

    /// <summary>Whether the connection is to be closed.</summary>
    public bool IsAtLimit => Health.Score >= Policy.Limit;

    /// <summary>How long until time forgives something; null when nothing is to be forgiven by time.</summary>
    public TimeSpan? NextForgiveness => Health.Score == 0 || Policy.Decay == BadChunkDecay.Good
        ? null
        : Policy.ForgiveAfter - time.GetElapsedTime(_countsFrom) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    /// <summary>Another session shares the connection. The policy with the lower limit counts, the first one among equals: no session can make it more lenient.</summary>
    public void Share(BadChunkPolicy policy)
    {
        if (_policy is null || policy.Limit < _policy.Limit)
        {
            _policy = policy;
        }
    }

    /// <summary>Something damaged arrived.</summary>
    /// <param name="why">What it was, for people.</param>
    public void AddBad(string why)
    {
        ForgiveByTime();
        _countsFrom = time.GetTimestamp();
        Health = Health with { Score = Health.Score + 1, Bad = Health.Bad + 1, LastReason = why };
    }

    /// <summary>A chunk arrived undamaged.</summary>
    public void AddGood()
    {
        ForgiveByTime();
        Health = Health with { Good = Health.Good + 1 };

        // Good chunks are no savings: a connection that was good for long is closed as soon as any other.
        if (Health.Score > 0 && Policy.Decay != BadChunkDecay.Time && ++_goodTowards >= Policy.GoodPerBad)
        {
            Forgive(1);
        }
    }

    /// <summary>Takes off what time has forgiven.</summary>
    public void ForgiveByTime()
    {
        if (NextForgiveness != TimeSpan.Zero)
        {
            return;
        }

        int times = (int)Math.Min(Health.Score, time.GetElapsedTime(_countsFrom) / Policy.ForgiveAfter);
        _countsFrom = time.GetTimestamp();
        Forgive(times);
    }

    private void Forgive(int times)
    {
        _goodTowards = 0;
        Health = Health with { Score = Health.Score - times, Forgiven = Health.Forgiven + times };
    }
}

/// <summary>What is known of a connection's chunks.</summary>
/// <param name="Score">Bad chunks and frames that are not forgiven.</param>
/// <param name="Bad">All bad chunks and frames.</param>
/// <param name="Good">Chunks that arrived undamaged.</param>
/// <param name="Forgiven">Of the bad ones, those forgiven.</param>
/// <param name="LastReason">What the last bad one was; null before the first.</param>
internal sealed record ConnectionHealth(int Score, long Bad, long Good, long Forgiven, string? LastReason)
{
    /// <summary>Nothing has arrived.</summary>
    public static readonly ConnectionHealth Untouched = new(0, 0, 0, 0, null);
}
