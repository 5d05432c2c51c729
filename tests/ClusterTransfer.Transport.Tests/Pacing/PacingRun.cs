using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Pacing;

namespace ClusterTransfer.Transport.Tests.Pacing;

/// <summary>Connections that send through buckets as fast as they are let, in virtual time and one thread; each write of a part takes a while of its own.</summary>
internal sealed class PacingRun
{
    private readonly Random _random;

    public PacingRun(int seed)
    {
        _random = new Random(seed);

        // Whoever is told goes on at once, on this thread, and not when the runner's context finds the time.
        SynchronizationContext.SetSynchronizationContext(null);
    }

    public VirtualTime Time { get; } = new();

    public CancellationTokenSource Stopping { get; } = new();

    /// <summary>A connection that takes one part after the other from the share, of any length up to a record of the wire.</summary>
    public Sender Start(BucketShare share, TimeSpan slowestWrite)
    {
        var sender = new Sender();
        sender.Running = SendAsync(share, sender, slowestWrite);
        return sender;
    }

    /// <summary>A connection that sends chunks of one transfer, one after the other.</summary>
    public Sender Start(TransferPacer pacer, int chunk, TimeSpan read)
    {
        var sender = new Sender();
        sender.Running = SendAsync(pacer, sender, chunk, read);
        return sender;
    }

    private async Task SendAsync(BucketShare share, Sender sender, TimeSpan slowestWrite)
    {
        while (!Stopping.IsCancellationRequested)
        {
            sender.Bytes += await share.TakeAsync(_random.Next(1, 256 * 1024), Stopping.Token);
            await WaitAsync(slowestWrite * _random.NextDouble());
        }
    }

    private async Task SendAsync(TransferPacer pacer, Sender sender, int chunk, TimeSpan read)
    {
        while (!Stopping.IsCancellationRequested)
        {
            using IPacer paced = await pacer.BeginAsync(chunk, Stopping.Token);
            await WaitAsync(read);
            for (int left = chunk; left > 0;)
            {
                int part = await paced.TakeAsync(left, Stopping.Token);
                sender.LongestPart = Math.Max(sender.LongestPart, part);
                sender.Bytes += part;
                left -= part;
            }
        }
    }

    // Every wait ends inline, at its own virtual time.
    private async Task WaitAsync(TimeSpan time)
    {
        if (time.Ticks > 0)
        {
            var over = new TaskCompletionSource();
            await using ITimer timer = Time.CreateTimer(_ => over.TrySetResult(), null, time, Timeout.InfiniteTimeSpan);
            await over.Task;
        }
    }

    public sealed class Sender
    {
        public long Bytes { get; set; }

        public int LongestPart { get; set; }

        public Task Running { get; set; } = Task.CompletedTask;
    }
}
