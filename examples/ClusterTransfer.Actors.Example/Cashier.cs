namespace CoffeeShop;

/// <summary>Charges every drink at least once, also when the till is away for a while: unconfirmed charges are part of its state.</summary>
public sealed class Cashier : AtLeastOnceDeliveryReceiveActor
{
    private readonly ActorPath _till;

    public Cashier(ActorPath till)
        : base(settings => settings.WithRedeliverInterval(TimeSpan.FromMilliseconds(100)))
    {
        _till = till;

        Recover<DrinkServed>(Charge);
        Recover<ChargeConfirmed>(confirmed => ConfirmDelivery(confirmed.DeliveryId));

        Command<DrinkReady>(ready => Persist(new DrinkServed(ready.Drink), Charge));
        Command<Charged>(charged => Persist(new ChargeConfirmed(charged.DeliveryId), confirmed => ConfirmDelivery(confirmed.DeliveryId)));
        Command<UnconfirmedWarning>(warning => Context.GetLogger().Warning("{0} charges are not confirmed.", warning.UnconfirmedDeliveries.Length));
    }

    public override string PersistenceId => "cashier";

    private void Charge(DrinkServed served) => Deliver(_till, deliveryId => new Charge(deliveryId, served.Drink));

    private sealed record DrinkServed(string Drink);

    private sealed record ChargeConfirmed(long DeliveryId);
}
