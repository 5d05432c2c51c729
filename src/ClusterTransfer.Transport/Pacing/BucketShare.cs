namespace ClusterTransfer.Transport.Pacing;

/// <summary>What one transfer has of a <see cref="TokenBucket"/>. Its fields belong to the bucket, and are guarded by its lock.</summary>
public sealed class BucketShare : IDisposable
{
    private readonly TokenBucket _bucket;

    internal BucketShare(TokenBucket bucket, double weight)
    {
        _bucket = bucket;
        Weight = weight;
    }

    /// <summary>Its part beside those of the others.</summary>
    public double Weight { get; }

    /// <summary>How long those who asked have waited so far, summed up; and whether somebody waits now.</summary>
    public (TimeSpan Waited, bool Waits) Waits => _bucket.WaitedOf(this);

    internal LinkedList<BucketWait> Waiting { get; } = [];

    internal TimeSpan Waited { get; set; }

    internal double Balance { get; set; }

    /// <summary>Waits for the next part, in turn with the others of this share.</summary>
    /// <param name="most">What could be used, in bytes.</param>
    /// <param name="cancellationToken">Ends the wait at once; nothing is taken then.</param>
    /// <returns>That many bytes, but never more than <see cref="TokenBucket.Part"/>, so that the wait is short.</returns>
    public ValueTask<int> TakeAsync(int most, CancellationToken cancellationToken) => _bucket.TakeAsync(this, most, cancellationToken);

    /// <summary>What was taken is not needed.</summary>
    public void GiveBack(int bytes) => _bucket.GiveBack(this, bytes);

    /// <summary>Leaves the bucket to the others.</summary>
    public void Dispose() => _bucket.Leave(this);
}

/// <summary>Somebody who waits for bytes of a bucket.</summary>
internal sealed record BucketWait(int Most, long Since, TaskCompletionSource<int> Granted);
