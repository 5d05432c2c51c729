namespace ClusterTransfer.Actors.Pattern;

/// <summary>Options of a <see cref="BackoffSupervisor"/>, by what counts as a failure of the child.</summary>
public static class Backoff
{
    /// <summary>The child is expected to stop when it fails, as persistent actors do; it is started again after a delay that grows.</summary>
    /// <param name="childProps">The child.</param>
    /// <param name="childName">Its name.</param>
    /// <param name="minBackoff">The first delay.</param>
    /// <param name="maxBackoff">The longest delay, before the random part.</param>
    /// <param name="randomFactor">0 to 1: up to this part of the delay is added at random.</param>
    /// <param name="maxNrOfRetries">After so many starts the supervisor stops itself; -1 for no limit.</param>
    public static BackoffOptions OnStop(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor, int maxNrOfRetries = -1) =>
        new(isOnStop: true, childProps, childName, minBackoff, maxBackoff, randomFactor, maxNrOfRetries);

    /// <summary>The child is expected to throw when it fails; instead of a restart at once it is stopped and started again after a delay that grows. When it stops itself, the supervisor stops too.</summary>
    /// <param name="childProps">The child.</param>
    /// <param name="childName">Its name.</param>
    /// <param name="minBackoff">The first delay.</param>
    /// <param name="maxBackoff">The longest delay, before the random part.</param>
    /// <param name="randomFactor">0 to 1: up to this part of the delay is added at random.</param>
    /// <param name="maxNrOfRetries">After so many starts the supervisor stops itself; -1 for no limit.</param>
    public static BackoffOptions OnFailure(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor, int maxNrOfRetries = -1) =>
        new(isOnStop: false, childProps, childName, minBackoff, maxBackoff, randomFactor, maxNrOfRetries);
}
