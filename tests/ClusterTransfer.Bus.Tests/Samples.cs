using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Bus.Tests;

internal static class Samples
{
    public static readonly TransferId Transfer = new("abcdefgh12345678");

    public static Member Member(string name) => new(new NodeId(name), Incarnation.New()) { Version = "0.1.0", DataAddresses = [$"{name}:7402"] };

    public static BusTarget Node(string name) => new BusTarget.Node(new NodeId(name));

    public static SessionNoted Note(int number, string text = "") => new(Transfer, new Epoch(1, (uint)number), SessionRole.Source, "note", text);

    public static int NumberOf(BusDelivery delivery) => (int)((SessionNoted)delivery.Message).Epoch.Session;
}
