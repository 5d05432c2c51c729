using ClusterTransfer.Chaos.Harness;

namespace ClusterTransfer.Chaos.Scenarios;

/// <summary>Divides rounds among the destinations of a ground, so that the waits of one overlap the work of the others.</summary>
internal static class LaneWork
{
    /// <summary>Plays a round for each item; the first that fails ends it.</summary>
    public static async Task ForEachAsync<T>(Ground ground, IEnumerable<T> items, Func<Lane, T, Task> round)
    {
        using IEnumerator<T> left = items.GetEnumerator();
        var gate = new Lock();
        bool failed = false;
        await Task.WhenAll(ground.Destinations.Select(lane => Task.Run(async () =>
        {
            while (true)
            {
                T item;
                lock (gate)
                {
                    if (failed || !left.MoveNext())
                    {
                        return;
                    }

                    item = left.Current;
                }

                try
                {
                    await round(lane, item);
                }
                catch
                {
                    lock (gate)
                    {
                        failed = true;
                    }

                    throw;
                }
            }
        })));
    }
}
