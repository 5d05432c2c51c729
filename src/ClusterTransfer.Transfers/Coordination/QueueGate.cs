using ClusterTransfer.Model;

namespace ClusterTransfer.Transfers.Coordination;

/// <summary>Whether the queue of a hub is paused, as journaled; read by every coordinator when it decides, so that one that starts anew cannot have missed it.</summary>
/// <remarks>Written by <see cref="QueueActor"/> alone, before it tells anybody.</remarks>
public sealed class QueueGate
{
    private volatile QueueWish? _wish;
    private volatile Problem? _damage;

    /// <summary>Whether the journal has been read. Before that no transfer begins a session, and none is made to end one.</summary>
    public bool IsKnown => _wish is not null;

    /// <summary>Whether transfers hold.</summary>
    public bool IsPaused => _wish is { IsPaused: true };

    /// <summary>Since when they do, or may go on; null when the queue was never paused, or is not known yet.</summary>
    public DateTimeOffset? Since => _wish?.Since;

    /// <summary>Which row of its stream cannot be read; null when all can. Until it is mended nothing is known.</summary>
    public Problem? Damage => _damage;

    internal void Set(QueueWish wish) => (_wish, _damage) = (wish, null);

    internal void NoteDamage(Problem damage) => _damage = damage;
}

/// <summary>What is wanted of the queue.</summary>
/// <param name="IsPaused">Whether it is paused.</param>
/// <param name="Since">Since when; null when nobody ever asked.</param>
internal sealed record QueueWish(bool IsPaused, DateTimeOffset? Since);
