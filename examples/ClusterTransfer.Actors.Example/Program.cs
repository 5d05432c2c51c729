using CoffeeShop;

ActorSystem system = ActorSystem.Create("coffee-shop");

TimeSpan timeout = TimeSpan.FromSeconds(30);
string[] drinks = ["espresso", "latte", "mocha", "tea"];

// The till stops now and then (somebody closes it); the back-off supervisor opens it again after a while.
Props tillSupervisor = BackoffSupervisor.Props(
    Backoff.OnStop(
        Props.Create(() => new Till()),
        childName: "till",
        minBackoff: TimeSpan.FromMilliseconds(20),
        maxBackoff: TimeSpan.FromSeconds(1),
        randomFactor: 0.2,
        maxNrOfRetries: -1));
IActorRef till = system.ActorOf(tillSupervisor, "tills");

IActorRef cashier = system.ActorOf(Props.Create(() => new Cashier(till.Path)), "cashier");
IActorRef barista = system.ActorOf(Props.Create(() => new Barista(3, cashier)), "barista");

// Dead letters are worth a look.
IActorRef listener = system.ActorOf(Props.Create(() => new DeadLetterListener()), "dead-letters");
system.EventStream.Subscribe(listener, typeof(DeadLetter));

// Orders before the shop opens wait in the stash; the answers come all the same.
List<Task<object>> orders = [];
for (int number = 1; number <= 24; number++)
{
    orders.Add(barista.Ask<object>(new PlaceOrder(number, drinks[number % drinks.Length]), timeout));
}
orders.Add(barista.Ask<object>(new PlaceOrder(25, "broccoli"), timeout));
barista.Tell(OpenShop.Instance);

// In the middle of it all somebody closes the till.
await orders[0];
till.Tell("close");

object[] answers = await Task.WhenAll(orders);
foreach (IGrouping<string, DrinkReady> machine in answers.OfType<DrinkReady>().GroupBy(ready => ready.MadeBy).OrderBy(group => group.Key))
{
    Console.WriteLine($"{machine.Key} made {machine.Count()} drinks.");
}
foreach (OrderRefused refused in answers.OfType<OrderRefused>()) { Console.WriteLine($"Order {refused.Number}: {refused.Reason}"); }

// Every drink is charged in the end, none twice.
Total total;
do
{
    total = await AskTotal();
    await Task.Delay(20);
}
while (total.Drinks < 24);
Console.WriteLine($"{total.Drinks} drinks, {total.Cents / 100.0:0.00}.");

// A selection finds the machines; an inbox watches the barista go home.
IActorRef first = await system.ActorSelection("/user/barista/machine-1").ResolveOne(timeout);
Console.WriteLine($"{first.Path.ToStringWithoutAddress()} is still there.");
using (Inbox inbox = Inbox.Create(system))
{
    inbox.Watch(barista);
    barista.Tell(PoisonPill.Instance);
    var terminated = (Terminated)await inbox.ReceiveAsync(timeout);
    Console.WriteLine($"{terminated.ActorRef.Path.Name} went home.");
}
await cashier.GracefulStop(timeout);
await system.Terminate();

bool right = answers.OfType<DrinkReady>().Count() == 24 && answers.OfType<OrderRefused>().Count() == 1 && total == new Total(24, 7200);
Console.WriteLine(right ? "All served." : "Something is missing.");
return right ? 0 : 1;

// While the till is away its supervisor has nobody to pass the question to; ask again.
async Task<Total> AskTotal()
{
    while (true)
    {
        try
        {
            return await till.Ask<Total>(GetTotal.Instance, TimeSpan.FromMilliseconds(500));
        }
        catch (AskTimeoutException)
        {
            // The next question may find it open.
        }
    }
}

/// <summary>Counts what nobody received.</summary>
internal sealed class DeadLetterListener : UntypedActor
{
    private int _count;

    protected override void OnReceive(object message)
    {
        if (message is DeadLetter) { _count++; }
        else { Unhandled(message); }
    }

    protected override void PostStop() => Console.WriteLine($"{_count} dead letters.");
}
