namespace CoffeeShop;

/// <summary>A guest orders a drink.</summary>
public sealed record PlaceOrder(int Number, string Drink);

/// <summary>The drink of an order is ready.</summary>
public sealed record DrinkReady(int Number, string Drink, string MadeBy);

/// <summary>An order that cannot be made.</summary>
public sealed record OrderRefused(int Number, string Reason);

/// <summary>Work for a machine.</summary>
public sealed record Brew(int Number, string Drink);

/// <summary>The shop opens: until then orders wait.</summary>
public sealed class OpenShop
{
    public static readonly OpenShop Instance = new();
}

/// <summary>Asks the till for its total.</summary>
public sealed class GetTotal
{
    public static readonly GetTotal Instance = new();
}

/// <summary>What the till has taken.</summary>
public sealed record Total(int Drinks, int Cents);

/// <summary>A drink to be paid, with the number that confirms it.</summary>
public sealed record Charge(long DeliveryId, string Drink);

/// <summary>The till has written the charge down.</summary>
public sealed record Charged(long DeliveryId);
