namespace CoffeeShop;

/// <summary>A machine jams now and then: it throws, its supervisor restarts it, and the barista's order is not lost.</summary>
public sealed class JammedException(Brew order) : Exception($"Jammed on order {order.Number}.")
{
    public Brew Order { get; } = order;
}

/// <summary>Something no machine can make; restarting would not help.</summary>
public sealed class NoSuchDrinkException(Brew order) : Exception($"There is no {order.Drink}.")
{
    public Brew Order { get; } = order;
}

public enum MachineState
{
    Cold,
    Ready,
    Brewing,
}

public sealed record MachineData(Brew? Order, IActorRef Barista)
{
    public static readonly MachineData Empty = new(null, ActorRefs.Nobody);
}

/// <summary>Heats up, brews one drink at a time, and cools down when nobody wants anything.</summary>
public sealed class CoffeeMachine : FSM<MachineState, MachineData>, IWithUnboundedStash
{
    private static readonly HashSet<string> Menu = ["espresso", "latte", "mocha", "tea"];

    private int _brewed;

    public CoffeeMachine(int jamsAfter)
    {
        StartWith(MachineState.Cold, MachineData.Empty);

        When(MachineState.Cold, e =>
        {
            switch (e.FsmEvent)
            {
                case Brew:
                    Stash.Stash();
                    SetTimer("heat", "hot", TimeSpan.FromMilliseconds(20));
                    return Stay();
                case "hot":
                    return GoTo(MachineState.Ready);
                default:
                    return null;
            }
        });

        When(
            MachineState.Ready,
            e =>
            {
                switch (e.FsmEvent)
                {
                    case Brew order when !Menu.Contains(order.Drink):
                        throw new NoSuchDrinkException(order);
                    case Brew order when ++_brewed > jamsAfter:
                        throw new JammedException(order);
                    case Brew order:
                        SetTimer("brew", "done", TimeSpan.FromMilliseconds(5));
                        return GoTo(MachineState.Brewing).Using(new MachineData(order, Sender));
                    case StateTimeout:
                        return GoTo(MachineState.Cold);
                    default:
                        return null;
                }
            },
            TimeSpan.FromSeconds(1));

        When(MachineState.Brewing, e =>
        {
            switch (e.FsmEvent)
            {
                case Brew:
                    Stash.Stash();
                    return Stay();
                case "done" when e.StateData.Order is { } order:
                    e.StateData.Barista.Tell(new DrinkReady(order.Number, order.Drink, Self.Path.Name));
                    return GoTo(MachineState.Ready).Using(MachineData.Empty);
                default:
                    return null;
            }
        });

        OnTransition((from, to) =>
        {
            if (to == MachineState.Ready) { Stash.UnstashAll(); }
        });

        Initialize();
    }

    public IStash Stash { get; set; } = null!;
}
