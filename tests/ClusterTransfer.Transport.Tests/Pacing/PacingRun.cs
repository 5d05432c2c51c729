using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Pacing;

namespace ClusterTransfer.Transport.Tests.Pacing;

/// <summary>A node's connections that send as fast as they are let, in virtual time and one thread; each write of a part takes a while of its own.</summary>
internal sealed class PacingRun : IDisposable
{
    public static readonly NodeId Beta = new("beta");
    public static readonly NodeId Gamma = new("gamma");

    private readonly Random _random;

    public PacingRun(int seed)
    {
        _random = new Random(seed);

        // Whoever is told goes on at once, on this thread, and not when the runner's context finds the time.
        SynchronizationContext.SetSynchronizationContext(null);
        Limits = new SendLimits(Time, TaskCreationOptions.None);
    }

    public VirtualTime Time { get; } = new();

    public SendLimits Limits { get; }

    public CancellationTokenSource Stopping { get; } = new();

    /// <summary>Bytes of chunks that have begun and are not sent, and the most of these so far.</summary>
    public long Unsent { get; private set; }

    public long MostUnsent { get; private set; }

    public static IReadOnlyDictionary<NodeId, long> Nobody { get; } = new Dictionary<NodeId, long>();

    /// <summary>Connections of one transfer that take one part after the other, of any length up to a record of the wire.</summary>
    public Sending Start(SendShare share, int connections, TimeSpan slowestWrite) =>
        new([.. Enumerable.Range(0, connections).Select(_ => Run(sender => SendAsync(new ShareTaker(share), sender, slowestWrite)))]);

    /// <summary>Connections of one transfer that send chunks, one after the other.</summary>
    public Sending Start(TransferPacer pacer, int connections, int chunk, TimeSpan read) =>
        new([.. Enumerable.Range(0, connections).Select(_ => Run(sender => SendAsync(pacer, sender, chunk, read)))]);

    /// <summary>Bytes per second of each in the next while.</summary>
    public double[] RatesOver(TimeSpan window, params Sending[] all)
    {
        long[] before = [.. all.Select(one => one.Bytes)];
        Time.Advance(window);
        return [.. all.Select((one, i) => (one.Bytes - before[i]) / window.TotalSeconds)];
    }

    public void Dispose()
    {
        Stopping.Cancel();
        Limits.Dispose();
    }

    private static Sender Run(Func<Sender, Task> send)
    {
        var sender = new Sender();
        sender.Running = send(sender);
        return sender;
    }

    private async Task SendAsync(ShareTaker taker, Sender sender, TimeSpan slowestWrite)
    {
        while (!Stopping.IsCancellationRequested)
        {
            sender.Bytes += await taker.TakePartAsync(_random.Next(1, 256 * 1024), Stopping.Token);
            await WaitAsync(slowestWrite * _random.NextDouble());
        }
    }

    private async Task SendAsync(TransferPacer pacer, Sender sender, int chunk, TimeSpan read)
    {
        while (!Stopping.IsCancellationRequested)
        {
            using PacedChunk paced = await pacer.BeginAsync(chunk, Stopping.Token);
            Unsent += chunk;
            MostUnsent = Math.Max(MostUnsent, Unsent);
            await WaitAsync(read);
            for (int left = chunk; left > 0;)
            {
                int part = await paced.TakeAsync(left, Stopping.Token);
                sender.LongestPart = Math.Max(sender.LongestPart, part);
                sender.Bytes += part;
                left -= part;
                Unsent -= part;
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

    /// <summary>What one transfer sends.</summary>
    public sealed class Sending(Sender[] connections)
    {
        public int Connections => connections.Length;

        public long Bytes => connections.Sum(one => one.Bytes);

        public int LongestPart => connections.Max(one => one.LongestPart);
    }
}
