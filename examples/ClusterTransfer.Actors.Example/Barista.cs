namespace CoffeeShop;

/// <summary>Takes orders, hands them to machines, and supervises those.</summary>
public sealed class Barista : ReceiveActor, IWithUnboundedStash, IWithTimers
{
    private sealed class Tidy
    {
        public static readonly Tidy Instance = new();
    }

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<int, IActorRef> _guests = [];
    private readonly List<IActorRef> _machines = [];
    private readonly int _count;
    private readonly IActorRef _cashier;
    private int _next;

    public Barista(int machines, IActorRef cashier)
    {
        _count = machines;
        _cashier = cashier;
        Closed();
    }

    public IStash Stash { get; set; } = null!;

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        for (int number = 1; number <= _count; number++)
        {
            IActorRef machine = Context.ActorOf(Props.Create(() => new CoffeeMachine(3)), $"machine-{number}");
            _machines.Add(Context.Watch(machine));
        }
        Timers.StartPeriodicTimer("tidy", Tidy.Instance, TimeSpan.FromMilliseconds(10));
    }

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(
        maxNrOfRetries: 10,
        withinTimeRange: TimeSpan.FromMinutes(1),
        localOnlyDecider: error =>
        {
            switch (error)
            {
                case JammedException jammed:
                    // The message a restart loses is the order: send it once more.
                    Self.Tell(jammed.Order);
                    return Directive.Restart;
                case NoSuchDrinkException unknown:
                    Self.Tell(new OrderRefused(unknown.Order.Number, unknown.Message));
                    return Directive.Resume;
                default:
                    return Directive.Escalate;
            }
        });

    private void Closed()
    {
        Receive<OpenShop>(_ =>
        {
            _log.Info("The shop is open, {0} orders wait.", Stash.Count);
            Become(Open);
            Stash.UnstashAll();
        });
        Receive<Tidy>(_ => { });
        ReceiveAny(_ => Stash.Stash());
    }

    private void Open()
    {
        Receive<PlaceOrder>(order =>
        {
            _guests[order.Number] = Sender;
            Hand(new Brew(order.Number, order.Drink));
        });
        Receive<Brew>(Hand);
        Receive<DrinkReady>(ready =>
        {
            _cashier.Tell(ready);
            Answer(ready.Number, ready);
        });
        Receive<OrderRefused>(refused => Answer(refused.Number, refused));
        Receive<Tidy>(_ => { });
        Receive<Terminated>(terminated =>
        {
            _machines.Remove(terminated.ActorRef);
            _log.Warning("{0} is beyond repair.", terminated.ActorRef.Path.Name);
        });
    }

    private void Hand(Brew order) => _machines[_next++ % _machines.Count].Tell(order);

    private void Answer(int number, object message)
    {
        if (_guests.Remove(number, out IActorRef? guest)) { guest.Tell(message); }
    }
}
