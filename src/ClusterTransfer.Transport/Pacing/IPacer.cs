namespace ClusterTransfer.Transport.Pacing;

/// <summary>Says when how much of one payload may be written. Whoever owns the frame disposes it.</summary>
public interface IPacer : IDisposable
{
    /// <summary>Waits until something may be written, and takes it. Only one wait at a time; one that nobody awaits ends with <see cref="IDisposable.Dispose"/>.</summary>
    /// <param name="most">What is left, in bytes; at least 1.</param>
    /// <param name="cancellationToken">Ends the wait at once; nothing is taken then.</param>
    /// <returns>1 to <paramref name="most"/> bytes.</returns>
    ValueTask<int> TakeAsync(int most, CancellationToken cancellationToken);
}
