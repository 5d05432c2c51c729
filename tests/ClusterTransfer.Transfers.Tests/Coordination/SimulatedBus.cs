using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>How badly messages fare.</summary>
/// <param name="LossPercent">Messages that vanish.</param>
/// <param name="DoublePercent">Messages that arrive twice.</param>
/// <param name="MaxDelay">Each arrives after a random part of it, so they overtake each other.</param>
internal sealed record BusWeather(int LossPercent, int DoublePercent, TimeSpan MaxDelay)
{
    public static readonly BusWeather Fair = new(0, 0, TimeSpan.Zero);
}

/// <summary>Carries messages between a hub and its nodes in virtual time, as badly as it is told, by seed.</summary>
internal sealed class SimulatedBus(int seed, VirtualTime time)
{
    private readonly Dictionary<NodeId, ScriptedNode> _nodes = [];

    public int Seed { get; } = seed;

    public Random Random { get; } = new(seed);

    public BusWeather Weather { get; set; } = BusWeather.Fair;

    /// <summary>Takes what arrives at the hub; null while it is down: that is lost.</summary>
    public Action<NodeId, SessionMessage>? Hub { get; set; }

    public void Add(ScriptedNode node) => _nodes.Add(node.Name, node);

    public void ToHub(NodeId from, SessionMessage message) => Carry(() => Hub?.Invoke(from, message));

    public void ToNode(NodeId to, BusMessage message)
    {
        if (Hub is not null && _nodes.TryGetValue(to, out ScriptedNode? node))
        {
            Carry(() => node.Receive(message));
        }
    }

    private void Carry(Action deliver)
    {
        int copies = Random.Next(100) < Weather.LossPercent ? 0 : Random.Next(100) < Weather.DoublePercent ? 2 : 1;
        for (int copy = 0; copy < copies; copy++)
        {
            ITimer? timer = null;
            timer = time.CreateTimer(
                _ =>
                {
                    deliver();
                    timer!.Dispose();
                },
                null,
                TimeSpan.FromTicks((long)(Random.NextDouble() * Weather.MaxDelay.Ticks)),
                Timeout.InfiniteTimeSpan);
        }
    }
}
