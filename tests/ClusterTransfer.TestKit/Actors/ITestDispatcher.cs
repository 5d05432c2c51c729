using ClusterTransfer.Actors;

namespace ClusterTransfer.TestKit;

/// <summary>A dispatcher a test can wait for.</summary>
public interface ITestDispatcher : IActorDispatcher
{
    /// <summary>Returns when no turn runs or waits to run. Simulated: runs them on this thread.</summary>
    /// <exception cref="ActorTestException">The deadline passed, or the actors never come to rest.</exception>
    void RunUntilIdle();

    /// <summary>
    /// Like <see cref="RunUntilIdle"/> until the condition holds. False when the actors are at rest and it does not hold;
    /// over the pool only after the deadline, since another thread may still be on its way.
    /// </summary>
    bool RunUntil(Func<bool> condition, TimeSpan deadline);

    /// <summary>A task that completes when something happens after this call: a turn was scheduled, or a task of the kernel ended.</summary>
    Task NextEventAsync();

    /// <summary>Completes the tasks of <see cref="NextEventAsync"/>; any thread.</summary>
    void Signal();
}
