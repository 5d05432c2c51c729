namespace ClusterTransfer.Bus.Tests;

public sealed class BusOptionsTests
{
    [Fact]
    public void Validate_OfTheDefaults_FindsNothing() => Assert.Empty(new BusOptions().Validate());

    [Fact]
    public void Validate_OfManyProblems_NamesEachKey()
    {
        BusOptions wrong = new()
        {
            MaxMessageBytes = 0,
            QueueLength = 0,
            HeartbeatInterval = TimeSpan.Zero,
            ReconnectMin = TimeSpan.FromSeconds(20),
            MaxMembers = 0,
        };

        string all = string.Join('\n', wrong.Validate());

        foreach (string key in new[] { "bus.max-message", "bus.queue-length", "bus.heartbeat-interval", "bus.reconnect-min", "bus.max-members" })
        {
            Assert.Contains(key, all, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Backoff_DoublesWithJitterUpToItsLimit()
    {
        TimeSpan min = TimeSpan.FromMilliseconds(250);
        TimeSpan max = TimeSpan.FromSeconds(10);
        Random random = new(7);
        for (int attempt = 0; attempt < 100; attempt++)
        {
            double step = Math.Min(250 * Math.Pow(2, Math.Min(attempt, 30)), 10_000);
            TimeSpan pause = Backoff.Pause(min, max, attempt, random.NextDouble());
            Assert.InRange(pause.TotalMilliseconds, step / 2, step);
        }

        Assert.NotEqual(Backoff.Pause(min, max, 3, 0.1), Backoff.Pause(min, max, 3, 0.9));
    }
}
