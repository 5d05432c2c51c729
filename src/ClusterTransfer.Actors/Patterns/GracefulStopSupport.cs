namespace ClusterTransfer.Actors;

/// <summary>Stopping an actor from outside and waiting for its end.</summary>
public static class GracefulStopSupport
{
    /// <summary>Sends <see cref="PoisonPill"/> and completes with true once the actor has stopped.</summary>
    /// <exception cref="AskTimeoutException">It did not stop in time.</exception>
    public static Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout) => target.GracefulStop(timeout, PoisonPill.Instance);

    /// <summary>Sends a message of choice and completes with true once the actor has stopped.</summary>
    /// <exception cref="AskTimeoutException">It did not stop in time.</exception>
    public static async Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout, object stopMessage)
    {
        var local = (LocalActorRef)target;
        var end = new FutureActorRef<Terminated>(local.Cell.System);
        end.Start(timeout, target, stopMessage, CancellationToken.None);
        local.SendSystemMessage(new WatchMessage(local, end));
        target.Tell(stopMessage, ActorRefs.NoSender);
        await end.Task.ConfigureAwait(false);
        return true;
    }
}
