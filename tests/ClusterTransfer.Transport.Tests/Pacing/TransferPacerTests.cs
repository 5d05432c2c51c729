using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Pacing;

namespace ClusterTransfer.Transport.Tests.Pacing;

/// <summary>What a transfer's limit does to its chunks, in virtual time.</summary>
public sealed class TransferPacerTests
{
    private const int Chunk = 16 * 1024 * 1024;

    [Theory]
    [InlineData(64L * 1024, 1)]
    [InlineData(1_000_000L, 4)]
    [InlineData(20_000_000L, 4)]
    [InlineData(1_000_000_000L, 16)]
    public void Chunks_OfSeveralConnections_AreSentAtTheLimitAndInSmallParts(long limit, int connections)
    {
        var run = new PacingRun(1);
        using var pacer = new TransferPacer(run.Time, limit, TaskCreationOptions.None);
        PacingRun.Sender[] senders = [.. Enumerable.Range(0, connections).Select(_ => run.Start(pacer, Chunk, TimeSpan.FromMilliseconds(10)))];

        run.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.InRange(senders.Sum(sender => sender.Bytes) / 10.0, 0.97 * limit, 1.03 * limit);
        Assert.True(senders.Max(sender => sender.LongestPart) <= Math.Max(4096, limit / 50), "A part is not small.");
        Assert.True(pacer.WasHeldBack());
        run.Stopping.Cancel();
    }

    [Fact]
    public async Task Chunk_BeyondWhatTheLimitSendsSoon_DoesNotBegin()
    {
        var time = new VirtualTime();
        using var pacer = new TransferPacer(time, 1_000_000);
        IPacer first = await pacer.BeginAsync(Chunk, CancellationToken.None);
        Task<IPacer> second = pacer.BeginAsync(Chunk, CancellationToken.None).AsTask();

        Assert.False(second.IsCompleted);
        first.Dispose();

        (await second.WithinDeadline()).Dispose();
    }

    [Fact]
    public async Task Begin_ThatIsCancelled_LeavesTheTurnToTheNext()
    {
        var time = new VirtualTime();
        using var pacer = new TransferPacer(time, 1_000_000);
        using var stopping = new CancellationTokenSource();
        IPacer first = await pacer.BeginAsync(Chunk, CancellationToken.None);
        Task<IPacer> cancelled = pacer.BeginAsync(Chunk, stopping.Token).AsTask();
        Task<IPacer> next = pacer.BeginAsync(Chunk, CancellationToken.None).AsTask();

        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WithinDeadline());
        first.Dispose();

        (await next.WithinDeadline()).Dispose();
    }

    [Fact]
    public async Task Limit_TakenAway_LetsEverythingGo()
    {
        var time = new VirtualTime();
        using var pacer = new TransferPacer(time, 1_000_000);
        using IPacer first = await pacer.BeginAsync(Chunk, CancellationToken.None);
        Task<int> part = first.TakeAsync(Chunk, CancellationToken.None).AsTask();
        Task<IPacer> second = pacer.BeginAsync(Chunk, CancellationToken.None).AsTask();
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(part.IsCompleted);

        pacer.Limit = null;

        await part.WithinDeadline();
        using IPacer begun = await second.WithinDeadline();
        Assert.Equal(Chunk, await begun.TakeAsync(Chunk, CancellationToken.None));
        Assert.True(pacer.WasHeldBack());
        Assert.False(pacer.WasHeldBack());
    }

    [Fact]
    public async Task Transfer_WithoutALimit_WaitsForNothing()
    {
        using var pacer = new TransferPacer(new VirtualTime(), null);

        for (int i = 0; i < 100; i++)
        {
            IPacer paced = await pacer.BeginAsync(Chunk, CancellationToken.None);   // none of them is written or disposed
            Task<int> whole = paced.TakeAsync(Chunk, CancellationToken.None).AsTask();
            Assert.True(whole.IsCompletedSuccessfully);
            Assert.Equal(Chunk, await whole);
        }

        Assert.False(pacer.WasHeldBack());
    }

    [Fact]
    public async Task Pacer_ThatIsDisposed_HoldsNothingUp()
    {
        var pacer = new TransferPacer(new VirtualTime(), 64 * 1024);
        using IPacer first = await pacer.BeginAsync(Chunk, CancellationToken.None);
        Task<int> part = first.TakeAsync(Chunk, CancellationToken.None).AsTask();

        pacer.Dispose();

        await part.WithinDeadline();
        Assert.Equal(Chunk, await first.TakeAsync(Chunk, CancellationToken.None));
    }
}
