using ClusterTransfer.TestKit;

namespace ClusterTransfer.Actors.Tests;

internal static class Kits
{
    /// <summary>A system on the thread pool for 0, else simulated with that seed.</summary>
    public static ActorTestKit Of(int seed, Func<ActorTestOptions, ActorTestOptions>? with = null)
    {
        var options = new ActorTestOptions { UseThreadPool = seed == 0, Seed = seed };
        return new ActorTestKit(with is null ? options : with(options));
    }

    public static IActorRef Spawn(this ActorTestKit kit, Script script, string? name = null) => kit.Sys.ActorOf(script.Props, name);

    /// <summary>Runs one action inside an actor and waits for it.</summary>
    public static void Run(this ActorTestKit kit, IActorRef scripted, Action<ScriptedActor> action)
    {
        scripted.Tell(new Do(action), ActorRefs.NoSender);
        kit.Settle();
    }
}
