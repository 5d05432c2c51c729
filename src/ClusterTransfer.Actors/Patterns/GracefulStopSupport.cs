namespace ClusterTransfer.Actors;

/// <summary>Stopping an actor from outside and waiting for its end.</summary>
public static class GracefulStopSupport
{
    /// <summary>Sends <see cref="PoisonPill"/> and completes with true once the actor has stopped.</summary>
    /// <exception cref="TaskCanceledException">It did not stop in time.</exception>
    public static Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout) => target.GracefulStop(timeout, PoisonPill.Instance);

    /// <summary>Sends a message of choice and completes with true once the actor has stopped.</summary>
    /// <exception cref="TaskCanceledException">It did not stop in time.</exception>
    public static async Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout, object stopMessage)
    {
        ActorSystem system = Futures.SystemOf(target);
        var end = new FutureActorRef<Terminated>(system);
        end.Start(timeout, target, stopMessage, CancellationToken.None);
        var watched = (InternalActorRef)target;
        watched.SendSystemMessage(new WatchMessage(watched, end));
        target.Tell(stopMessage, ActorRefs.NoSender);
        try
        {
            await end.Task.ConfigureAwait(false);
        }
        catch (AskTimeoutException late)
        {
            throw new TaskCanceledException($"{target} did not stop within {timeout}.", late);
        }
        return true;
    }
}
