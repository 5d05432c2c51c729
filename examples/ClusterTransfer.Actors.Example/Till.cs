namespace CoffeeShop;

/// <summary>Counts drinks and money. Its state is the sum of its events; a snapshot every ten events keeps recovery short.</summary>
public sealed class Till : ReceivePersistentActor
{
    private const int EventsPerSnapshot = 10;

    private static readonly Dictionary<string, int> Prices = new() { ["espresso"] = 200, ["latte"] = 350, ["mocha"] = 400, ["tea"] = 250 };

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private TillState _state = new(0, 0, []);

    public Till()
    {
        Recover<DrinkSold>(Apply);
        Recover<SnapshotOffer>(offer => _state = (TillState)offer.Snapshot);
        Recover<RecoveryCompleted>(_ => _log.Info("The till opens with {0} drinks.", _state.Drinks));

        Command<Charge>(charge =>
        {
            // At least once means now and then twice: a charge that is known is confirmed again and not counted again.
            if (_state.Seen.Contains(charge.DeliveryId))
            {
                Sender.Tell(new Charged(charge.DeliveryId));
                return;
            }
            Persist(new DrinkSold(charge.DeliveryId, Prices[charge.Drink]), sold =>
            {
                Apply(sold);
                Sender.Tell(new Charged(sold.DeliveryId));
                if (LastSequenceNr % EventsPerSnapshot == 0) { SaveSnapshot(_state); }
            });
        });
        Command<SaveSnapshotSuccess>(saved => DeleteMessages(saved.Metadata.SequenceNr));
        Command<SaveSnapshotFailure>(failed => _log.Warning(failed.Cause, "No snapshot this time."));
        Command<DeleteMessagesSuccess>(_ => { });
        Command<GetTotal>(_ => Sender.Tell(new Total(_state.Drinks, _state.Cents)));
        Command<string>(text => text == "close", _ => Context.Stop(Self));
    }

    public override string PersistenceId => "till";

    private void Apply(DrinkSold sold) =>
        _state = new TillState(_state.Drinks + 1, _state.Cents + sold.Cents, [.. _state.Seen, sold.DeliveryId]);

    private sealed record DrinkSold(long DeliveryId, int Cents);

    private sealed record TillState(int Drinks, int Cents, IReadOnlyList<long> Seen);
}
