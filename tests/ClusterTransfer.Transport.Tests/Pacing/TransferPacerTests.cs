using ClusterTransfer.Model;
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
        using var run = new PacingRun(1);
        using var pacer = new TransferPacer(run.Limits, run.Time, PacingRun.Beta, limit);
        PacingRun.Sending sending = run.Start(pacer, connections, Chunk, TimeSpan.FromMilliseconds(10));

        double rate = run.RatesOver(TimeSpan.FromSeconds(5), sending)[0];

        Assert.InRange(rate, 0.97 * limit, 1.03 * limit);
        Assert.True(sending.LongestPart <= Math.Max(4096, limit / 50), $"A part of {sending.LongestPart} bytes is not small.");
        Assert.Equal(new HeldBack(LimitScope.Transfer, limit), pacer.HeldBack());
    }

    [Fact]
    public async Task Chunk_BeyondWhatTheLimitSendsSoon_DoesNotBegin()
    {
        var time = new VirtualTime();
        using var limits = new SendLimits(time);
        using var pacer = new TransferPacer(limits, time, PacingRun.Beta, 1_000_000);
        PacedChunk first = await pacer.BeginAsync(Chunk, CancellationToken.None);
        Task<PacedChunk> second = pacer.BeginAsync(Chunk, CancellationToken.None).AsTask();

        Assert.False(second.IsCompleted);
        first.Dispose();

        (await second.WithinDeadline()).Dispose();
    }

    [Fact]
    public async Task Chunk_AfterOneThatWasGivenUpWhileItWaited_PaysForWhatItSends()
    {
        var time = new VirtualTime();
        using var limits = new SendLimits(time);
        using var pacer = new TransferPacer(limits, time, PacingRun.Beta, 1_000_000);
        PacedChunk givenUp = await pacer.BeginAsync(Chunk, CancellationToken.None);
        Task<int> turn = givenUp.TakeAsync(Chunk, CancellationToken.None).AsTask();
        while (turn.IsCompleted)
        {
            turn = givenUp.TakeAsync(Chunk, CancellationToken.None).AsTask();
        }

        givenUp.Dispose();   // as when its connection breaks: nobody hears what became of the wait
        PacedChunk next = await pacer.BeginAsync(Chunk, CancellationToken.None);
        time.Advance(TimeSpan.FromMilliseconds(20));
        Task<int> part = next.TakeAsync(Chunk, CancellationToken.None).AsTask();
        Assert.True(part.IsCompleted);
        Assert.Equal(20_000, await part);
        next.Dispose();

        using PacedChunk last = await pacer.BeginAsync(Chunk, CancellationToken.None);
        Assert.False(last.TakeAsync(Chunk, CancellationToken.None).AsTask().IsCompleted);
        Assert.Same(next, last);
    }

    [Fact]
    public async Task Begin_ThatIsCancelled_LeavesTheTurnToTheNext()
    {
        var time = new VirtualTime();
        using var limits = new SendLimits(time);
        using var pacer = new TransferPacer(limits, time, PacingRun.Beta, 1_000_000);
        using var stopping = new CancellationTokenSource();
        PacedChunk first = await pacer.BeginAsync(Chunk, CancellationToken.None);
        Task<PacedChunk> cancelled = pacer.BeginAsync(Chunk, stopping.Token).AsTask();
        Task<PacedChunk> next = pacer.BeginAsync(Chunk, CancellationToken.None).AsTask();

        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WithinDeadline());
        first.Dispose();

        (await next.WithinDeadline()).Dispose();
    }

    [Fact]
    public void SixtyFourTransfersWithEightConnections_UnderALimitOfTheNode_SendItAndReadLittleAhead()
    {
        const int Size = 1024 * 1024;
        const long Limit = 32_000_000;
        using var run = new PacingRun(1);
        run.Limits.Set(Limit, PacingRun.Nobody);
        PacingRun.Sending[] sending = [.. Enumerable.Range(0, 64).Select(_ => run.Start(new TransferPacer(run.Limits, run.Time, PacingRun.Beta, null), 8, Size, TimeSpan.FromMilliseconds(5)))];

        double[] rates = run.RatesOver(TimeSpan.FromSeconds(5), sending);

        Assert.InRange(rates.Sum(), 0.97 * Limit, 1.03 * Limit);
        Assert.All(rates, rate => Assert.InRange(rate, 0.97 * Limit / 64, 1.03 * Limit / 64));
        Assert.InRange(run.MostUnsent, 64 * Size, (64 * Size) + Limit);   // a chunk of each, and what the limit moves in a second
    }

    [Fact]
    public void HeldBack_ByALimitThatIsShared_SaysWhatOfItIsThereAndForHowMany()
    {
        using var run = new PacingRun(1);
        run.Limits.Set(9_000_000, new Dictionary<NodeId, long> { [PacingRun.Gamma] = 1_000_000 });
        TransferPacer[] pacers =
        [
            new(run.Limits, run.Time, PacingRun.Beta, null, weight: 3), new(run.Limits, run.Time, PacingRun.Beta, null),
            new(run.Limits, run.Time, PacingRun.Gamma, null), new(run.Limits, run.Time, PacingRun.Beta, 200_000),
        ];
        foreach (TransferPacer pacer in pacers)
        {
            run.Start(pacer, 2, Chunk, TimeSpan.FromMilliseconds(1));
        }

        run.Time.Advance(TimeSpan.FromSeconds(5));

        HeldBack[] held = [.. pacers.Select(pacer => Assert.IsType<HeldBack>(pacer.HeldBack()))];
        Assert.Equal([LimitScope.Node, LimitScope.Node, LimitScope.Peer, LimitScope.Transfer], held.Select(one => one.Scope));
        Assert.Equal([9_000_000, 9_000_000, 1_000_000, 200_000], held.Select(one => one.BytesPerSecond));
        Assert.Equal([3, 3, 0, 0], held.Select(one => one.SharedWith));
        Assert.InRange(held[0].Share!.Value, 0.97 * 5_850_000, 1.03 * 5_850_000);
        Assert.InRange(held[1].Share!.Value, 0.97 * 1_950_000, 1.03 * 1_950_000);
        Assert.Null(held[3].Share);
    }

    [Fact]
    public void HeldBack_WhereALimitCostsNothing_IsNull()
    {
        using var run = new PacingRun(1);
        run.Limits.Set(500_000_000, PacingRun.Nobody);
        var pacer = new TransferPacer(run.Limits, run.Time, PacingRun.Beta, null);
        run.Start(pacer, 1, 64 * 1024, TimeSpan.FromMilliseconds(10));   // a slow disk: 6.5 MB/s

        run.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Null(pacer.HeldBack());
    }

    [Theory]
    [InlineData(LimitScope.Transfer)]
    [InlineData(LimitScope.Peer)]
    [InlineData(LimitScope.Node)]
    public async Task Limit_Lowered_TakesBackWhatWasReadBeyondASecond(LimitScope scope)
    {
        const int Size = 1024 * 1024;
        var time = new VirtualTime();
        using var limits = new SendLimits(time);
        using var pacer = new TransferPacer(limits, time, PacingRun.Beta, null);
        List<Holder> holders = [];
        for (int i = 0; i < 10; i++)
        {
            holders.Add(new Holder(await pacer.BeginAsync(Size, CancellationToken.None)));
            Assert.True(holders[i].Chunk.TryHold(holders[i]));
        }

        PacedChunk beingRead = await pacer.BeginAsync(Size, CancellationToken.None);
        await holders[0].Chunk.TakeAsync(1, CancellationToken.None);   // the first is being written

        switch (scope)
        {
            case LimitScope.Transfer:
                pacer.Limit = 3 * Size;
                break;
            case LimitScope.Peer:
                limits.Set(null, new Dictionary<NodeId, long> { [PacingRun.Beta] = 3 * Size });
                break;
            default:
                limits.Set(3 * Size, PacingRun.Nobody);
                break;
        }

        Assert.Equal([0, 1, 2], Enumerable.Range(0, 10).Where(i => !holders[i].IsRecalled));
        Assert.False(beingRead.TryHold(new Holder(beingRead)));
        beingRead.Dispose();
        Task<PacedChunk> next = pacer.BeginAsync(Size, CancellationToken.None).AsTask();
        Assert.False(next.IsCompleted);
        pacer.Limit = null;
        limits.Set(null, PacingRun.Nobody);
        (await next.WithinDeadline()).Dispose();
    }

    [Fact]
    public async Task Limit_LoweredBelowAChunk_LeavesOne()
    {
        var time = new VirtualTime();
        using var limits = new SendLimits(time);
        using var pacer = new TransferPacer(limits, time, PacingRun.Beta, null);
        Holder[] holders = [new(await pacer.BeginAsync(Chunk, CancellationToken.None)), new(await pacer.BeginAsync(Chunk, CancellationToken.None))];
        Array.ForEach(holders, holder => Assert.True(holder.Chunk.TryHold(holder)));

        pacer.Limit = 64 * 1024;

        Assert.Equal([false, true], holders.Select(holder => holder.IsRecalled));
    }

    [Fact]
    public async Task Chunks_UnderALimit_AllocateNothing()
    {
        SynchronizationContext.SetSynchronizationContext(null);
        var time = new VirtualTime();
        using var limits = new SendLimits(time, TaskCreationOptions.None);
        limits.Set(1_000_000, PacingRun.Nobody);
        using var pacer = new TransferPacer(limits, time, PacingRun.Beta, 2_000_000);
        using var stopping = new CancellationTokenSource();
        long before = 0;
        for (int i = 0; i < 2000; i++)
        {
            if (i == 1000)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
            }

            PacedChunk chunk = await pacer.BeginAsync(10_000, stopping.Token);   // has ended, as the parts below have: nothing of this test is put aside either
            for (int left = 10_000; left > 0;)
            {
                ValueTask<int> part = chunk.TakeAsync(left, stopping.Token);
                while (!part.IsCompleted)
                {
                    time.AdvanceToNextTimer();
                }

                left -= await part;
            }

            chunk.Dispose();
        }

        Assert.InRange(time.Elapsed.TotalSeconds, 19, 21);   // it did wait
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
    }

    [Fact]
    public async Task Limit_TakenAway_LetsEverythingGo()
    {
        var time = new VirtualTime();
        using var limits = new SendLimits(time);
        using var pacer = new TransferPacer(limits, time, PacingRun.Beta, 1_000_000);
        using PacedChunk first = await pacer.BeginAsync(Chunk, CancellationToken.None);
        Task<int> part = first.TakeAsync(Chunk, CancellationToken.None).AsTask();
        Task<PacedChunk> second = pacer.BeginAsync(Chunk, CancellationToken.None).AsTask();
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(part.IsCompleted);
        Assert.NotNull(pacer.HeldBack());

        pacer.Limit = null;

        await part.WithinDeadline();
        using PacedChunk begun = await second.WithinDeadline();
        Assert.Equal(Chunk, await begun.TakeAsync(Chunk, CancellationToken.None));
        Assert.Null(pacer.HeldBack());
    }

    [Fact]
    public async Task Transfer_WithoutALimit_WaitsForNothing()
    {
        var time = new VirtualTime();
        using var limits = new SendLimits(time);
        using var pacer = new TransferPacer(limits, time, PacingRun.Beta, null);

        for (int i = 0; i < 100; i++)
        {
            PacedChunk paced = await pacer.BeginAsync(Chunk, CancellationToken.None);   // none of them is written or disposed
            Task<int> whole = paced.TakeAsync(Chunk, CancellationToken.None).AsTask();
            Assert.True(whole.IsCompletedSuccessfully);
            Assert.Equal(Chunk, await whole);
        }

        Assert.Null(pacer.HeldBack());
    }

    [Fact]
    public async Task Pacer_ThatIsDisposed_HoldsNothingUp()
    {
        var time = new VirtualTime();
        using var limits = new SendLimits(time);
        var pacer = new TransferPacer(limits, time, PacingRun.Beta, 64 * 1024);
        using PacedChunk first = await pacer.BeginAsync(Chunk, CancellationToken.None);
        Task<int> part = first.TakeAsync(Chunk, CancellationToken.None).AsTask();

        pacer.Dispose();

        await part.WithinDeadline();
        Assert.Equal(Chunk, await first.TakeAsync(Chunk, CancellationToken.None));
    }

    private sealed class Holder(PacedChunk chunk) : IRecallable
    {
        public PacedChunk Chunk => chunk;

        public bool IsRecalled { get; private set; }

        public void Recall()
        {
            IsRecalled = true;
            chunk.Dispose();
        }
    }
}
