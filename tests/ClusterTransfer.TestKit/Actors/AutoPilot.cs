using ClusterTransfer.Actors;

namespace ClusterTransfer.TestKit;

/// <summary>What a probe does by itself with each message it receives, before the test looks at it.</summary>
public abstract class AutoPilot
{
    /// <summary>Keeps the present pilot; the usual answer of <see cref="Run"/>.</summary>
    public static AutoPilot KeepRunning { get; } = new Marker();

    /// <summary>Ends the pilot.</summary>
    public static AutoPilot NoAutoPilot { get; } = new Marker();

    /// <summary>Reacts to a message, in a turn of the probe; returns the pilot for the next one.</summary>
    public abstract AutoPilot Run(IActorRef sender, object message);

    private sealed class Marker : AutoPilot
    {
        public override AutoPilot Run(IActorRef sender, object message) => this;
    }
}

/// <summary>A pilot made of a function.</summary>
public sealed class DelegateAutoPilot(Func<IActorRef, object, AutoPilot> run) : AutoPilot
{
    /// <inheritdoc/>
    public override AutoPilot Run(IActorRef sender, object message) => run(sender, message);
}
