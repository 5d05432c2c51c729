namespace ClusterTransfer.Actors;

/// <summary>
/// Timers of one actor, by key: a new timer replaces the old one of the same key, and a message of a timer that was cancelled or
/// replaced never arrives, even when it waits in the mailbox already. All end with the incarnation.
/// </summary>
public interface ITimerScheduler
{
    /// <summary>Sends the message to this actor after the time-out, once.</summary>
    void StartSingleTimer(object key, object msg, TimeSpan timeout);

    /// <summary>Sends the message to this actor every interval.</summary>
    void StartPeriodicTimer(object key, object msg, TimeSpan interval);

    /// <summary>Sends the message to this actor after the initial delay and then every interval.</summary>
    void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval);

    /// <summary>
    /// Sends the message to this actor again and again, each time so long after the one before was taken from the mailbox: a slow
    /// actor never finds several of them waiting.
    /// </summary>
    void StartTimerWithFixedDelay(object key, object msg, TimeSpan delay);

    /// <summary>The same, with another delay before the first.</summary>
    void StartTimerWithFixedDelay(object key, object msg, TimeSpan initialDelay, TimeSpan delay);

    /// <summary>Whether a timer of that key will still fire.</summary>
    bool IsTimerActive(object key);

    /// <summary>Ends the timer of that key, if any.</summary>
    void Cancel(object key);

    /// <summary>Ends all timers.</summary>
    void CancelAll();
}

/// <summary>Asks for timers.</summary>
public interface IWithTimers
{
    /// <summary>Set by the kernel after construction and before <c>PreStart</c>.</summary>
    ITimerScheduler Timers { get; set; }
}
