using ClusterTransfer.Actors;

namespace ClusterTransfer.TestKit;

/// <summary>Base of test classes with one actor system per test, simulated unless the options say otherwise.</summary>
public abstract class ActorTest : IAsyncDisposable
{
    /// <summary>A simulated system.</summary>
    protected ActorTest(ActorTestOptions? options = null) => Kit = new ActorTestKit(options);

    /// <summary>Everything about the system under test.</summary>
    protected ActorTestKit Kit { get; }

    /// <summary>The system.</summary>
    protected ActorSystem Sys => Kit.Sys;

    /// <summary>The clock.</summary>
    protected VirtualTime Time => Kit.Time;

    /// <summary>The default probe.</summary>
    protected TestProbe Probe => Kit.TestProbe;

    /// <summary>The default probe's reference.</summary>
    protected IActorRef TestActor => Kit.TestActor;

    /// <summary>A further probe.</summary>
    protected TestProbe CreateTestProbe(string? name = null) => Kit.CreateTestProbe(name);

    /// <summary>Makes a top-level actor.</summary>
    protected IActorRef ActorOf(Props props, string? name = null) => Sys.ActorOf(props, name);

    /// <summary>Completes when all mailboxes are empty; see <see cref="ActorTestKit.SettleAsync"/>.</summary>
    protected Task SettleAsync(bool waitForTasks = false) => Kit.SettleAsync(waitForTasks);

    /// <summary>Asks, runs the actors and returns the answer.</summary>
    protected Task<T> AskAsync<T>(IActorRef actor, object message) => Kit.RunAsync(actor.Ask<T>(message));

    /// <summary>The next message of the default probe.</summary>
    protected T ExpectMsg<T>() => Probe.ExpectMsg<T>();

    /// <summary>No message for the default probe.</summary>
    protected void ExpectNoMsg() => Probe.ExpectNoMsg();

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Kit.DisposeAsync();
    }
}
