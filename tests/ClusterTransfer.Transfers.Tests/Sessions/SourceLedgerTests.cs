using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Wire.Manifests;
using static ClusterTransfer.Transfers.Tests.Support.Manifests;

namespace ClusterTransfer.Transfers.Tests.Sessions;

public sealed class SourceLedgerTests
{
    private const long AnyRoom = long.MaxValue;

    private readonly SourceLedger _ledger = new();

    [Fact]
    public void Take_FreshPage_GivesEachChunkOnceInOrder()
    {
        Open(Page(0, 0, 0, 3 * MiB, 10, 20, 2 * MiB));

        List<uint> taken = [];
        while (Take() is { } next)
        {
            Launch(next);
            taken.Add(next.Chunk.Index.Value);
        }

        Assert.Equal([0, 1, 2, 3, 4, 5], taken);
    }

    [Fact]
    public void Take_ChunkHeldByDestination_IsNotGiven()
    {
        Open(Page(0, 0, 0, 3 * MiB), held: 1);

        Assert.Equal(0u, LaunchNext());
        Assert.Equal(2u, LaunchNext());
        Assert.Null(Take());
    }

    [Fact]
    public void Wait_RefusedChunk_IsInNobodysHandsUntilItsPauseIsOver()
    {
        Open(Page(0, 0, 0, 2 * MiB));
        var refused = new ChunkIndex(LaunchNext());

        _ledger.Wait(refused, Trouble(1));

        Assert.Equal((ChunkState.Waiting, 1, 0L, 1), (_ledger.StateOf(refused), _ledger.Waiting, _ledger.BytesInFlight, _ledger.OpenPages));
        Assert.Equal(1u, LaunchNext());
        Assert.Null(Take());

        _ledger.Wake(refused);
        _ledger.Wake(refused);

        Assert.Equal(ChunkState.Pending, _ledger.StateOf(refused));
        ChunkToSend again = Take()!;
        Assert.Equal((refused, 2), (again.Chunk.Index, again.Attempt));
        Launch(again);
        Assert.Null(Take());
    }

    [Fact]
    public void Take_ChunkThatFailedThere_LeavesItToAnotherConnectionWhileThereIsOtherWork()
    {
        Open(Page(0, 0, 0, 3 * MiB));
        var refused = new ChunkIndex(LaunchNext());
        _ledger.Requeue(refused, Trouble(1, connection: 7));

        Launch(_ledger.Take(AnyRoom, connection: 7)!);

        Assert.Equal(ChunkState.InFlight, _ledger.StateOf(new ChunkIndex(1)));
        Assert.Equal(refused, _ledger.Take(AnyRoom, connection: 8)?.Chunk.Index);
    }

    [Fact]
    public void Take_OnlyAChunkThatFailedThere_GivesItRatherThanNothing()
    {
        Open(Page(0, 0, 0, MiB));
        var refused = new ChunkIndex(LaunchNext());
        _ledger.Requeue(refused, Trouble(1, connection: 7));

        Assert.Equal(refused, _ledger.Take(AnyRoom, connection: 7)?.Chunk.Index);
    }

    [Fact]
    public void Take_WhileTheMostChunksWait_GivesOnlyThoseThatWereSentBefore()
    {
        Open(Page(0, 0, 0, (SourceLedger.MaxWaiting + 2) * MiB));
        for (int i = 0; i < SourceLedger.MaxWaiting; i++)
        {
            _ledger.Wait(new ChunkIndex(LaunchNext()), Trouble(1));
        }

        Assert.Null(Take());
        _ledger.Wake(new ChunkIndex(5));
        Assert.Equal(5u, LaunchNext());
        Assert.NotNull(Take());
    }

    [Fact]
    public void Trouble_ChunkFailsAgain_KeepsWhenItFailedFirst()
    {
        Open(Page(0, 0, 0, MiB));
        var chunk = new ChunkIndex(LaunchNext());
        _ledger.Requeue(chunk, Trouble(1));
        LaunchNext();

        _ledger.Requeue(chunk, Trouble(2) with { FirstAt = Samples.Noon.AddHours(1) });

        Assert.Equal(new ChunkTrouble(2, 9, Samples.Noon), _ledger.TroubleOf(chunk));
    }

    [Fact]
    public void Park_Chunk_StaysParkedEvenWhenTheDestinationMissesIt()
    {
        ManifestPage page = Page(0, 0, 0, MiB);
        Open(page);
        var chunk = new ChunkIndex(LaunchNext());

        _ledger.Park(chunk);

        Assert.Equal((ChunkState.Parked, 0), (_ledger.StateOf(chunk), _ledger.OpenPages));
        _ledger.Reopen(0, chunk);
        _ledger.Open(page, new PagePlan(page), _ => false);
        Assert.Equal(ChunkState.Parked, _ledger.StateOf(chunk));
        Assert.Null(Take());
    }

    [Fact]
    public void Take_ChunkLargerThanRoom_GivesNothingAndKeepsIt()
    {
        Open(Page(0, 0, 0, 2 * MiB));

        Assert.Null(_ledger.Take(MiB - 1));
        Assert.Equal(0u, _ledger.Take(MiB)?.Chunk.Index.Value);
    }

    [Fact]
    public void Take_RequeuedChunkLargerThanRoom_GivesNothingElseEither()
    {
        Open(Page(0, 0, 0, [MiB, 10]));
        uint large = LaunchNext();
        _ledger.Requeue(new ChunkIndex(large), Trouble(1));

        Assert.Null(_ledger.Take(100));
        Assert.Equal(large, Take()?.Chunk.Index.Value);
    }

    [Fact]
    public void Take_EmptyFilesOnly_FitsIntoNoRoom()
    {
        Open(Page(0, 0, 0, 0, 0));

        Assert.Equal(0, _ledger.Take(0)?.Chunk.Length);
    }

    [Fact]
    public void Launch_ThenSettle_AccountsForBytesInFlight()
    {
        Open(Page(0, 0, 0, MiB + 5));
        LaunchNext();
        LaunchNext();
        Assert.Equal(MiB + 5, _ledger.BytesInFlight);

        _ledger.Settle(new ChunkIndex(0));
        Assert.Equal(5, _ledger.BytesInFlight);
        _ledger.Requeue(new ChunkIndex(1), Trouble(1));
        Assert.Equal(0, _ledger.BytesInFlight);
    }

    [Fact]
    public void Requeue_ChunkInFlight_IsNextWithItsAttempts()
    {
        Open(Page(0, 0, 0, 3 * MiB));
        LaunchNext();
        LaunchNext();

        _ledger.Requeue(new ChunkIndex(0), Trouble(3));

        ChunkToSend next = Assert.IsType<ChunkToSend>(Take());
        Assert.Equal((0u, 4), (next.Chunk.Index.Value, next.Attempt));
    }

    [Fact]
    public void Requeue_AllChunksOfAConnection_EachIsGivenOnceMore()
    {
        Open(Page(0, 0, 0, 3 * MiB, 10, 20));
        List<uint> lost = [LaunchNext(), LaunchNext(), LaunchNext(), LaunchNext()];

        lost.ForEach(chunk => _ledger.Requeue(new ChunkIndex(chunk)));

        List<uint> again = [];
        while (again.Count <= lost.Count && Take() is { } next)
        {
            again.Add(next.Chunk.Index.Value);
            if (!_ledger.InFlight.ContainsKey(next.Chunk.Index))
            {
                Launch(next);
            }
        }

        Assert.Equal(lost, again);
    }

    [Fact]
    public void Requeue_ChunkNotInFlight_ChangesNothing()
    {
        Open(Page(0, 0, 0, 2 * MiB));
        LaunchNext();
        _ledger.Settle(new ChunkIndex(0));

        _ledger.Requeue(new ChunkIndex(0), Trouble(1));
        _ledger.Requeue(new ChunkIndex(1), Trouble(1));

        Assert.Equal(1u, LaunchNext());
        Assert.Null(Take());
    }

    [Fact]
    public void Settle_LastChunkOfFile_NamesTheFileOnce()
    {
        Open(Page(0, 7, 0, 2 * MiB, MiB));
        LaunchNext();
        LaunchNext();
        LaunchNext();

        Assert.Null(_ledger.Settle(new ChunkIndex(1)));
        Assert.Equal(new EntryIndex(7), _ledger.Settle(new ChunkIndex(0)));
        Assert.Null(_ledger.Settle(new ChunkIndex(0)));
        Assert.Equal(new EntryIndex(8), _ledger.Settle(new ChunkIndex(2)));
    }

    [Fact]
    public void Settle_PackedChunk_NamesNoFile()
    {
        Open(Page(0, 0, 0, 10, 20));
        LaunchNext();

        Assert.Null(_ledger.Settle(new ChunkIndex(0)));
    }

    [Fact]
    public void Open_FileWhollyHeld_IsReturned()
    {
        IReadOnlyList<EntryIndex> held = Open(Page(0, 3, 0, 2 * MiB, 2 * MiB, 10), 0, 1, 4);

        Assert.Equal([new EntryIndex(3)], held);
    }

    [Fact]
    public void Open_PageWhollyHeld_IsNotOpen()
    {
        Open(Page(0, 0, 0, 2 * MiB), 0, 1);

        Assert.Equal(0, _ledger.OpenPages);
        Assert.Null(Take());
    }

    [Fact]
    public void Settle_LastChunkOfPage_ClosesThePage()
    {
        Open(Page(0, 0, 0, MiB));
        Open(Page(1, 1, 1, MiB));
        Assert.Equal(2, _ledger.OpenPages);

        LaunchNext();
        _ledger.Settle(new ChunkIndex(0));

        Assert.Equal(1, _ledger.OpenPages);
    }

    [Fact]
    public void Abandon_File_TakesBackItsChunksAndNamesNoFile()
    {
        Open(Page(0, 0, 0, 3 * MiB, MiB));
        LaunchNext();
        LaunchNext();
        _ledger.Requeue(new ChunkIndex(1), Trouble(1));

        ChunkInFlight stopped = Assert.Single(_ledger.Abandon(0, new EntryIndex(0)));

        Assert.Equal(0u, stopped.Chunk.Index.Value);
        Assert.Equal(0, _ledger.BytesInFlight);
        Assert.Equal(3u, LaunchNext());
        Assert.Null(Take());
        Assert.Null(_ledger.Settle(new ChunkIndex(0)));
    }

    [Fact]
    public void Abandon_LastOpenFile_ClosesThePage()
    {
        Open(Page(0, 0, 0, 3 * MiB));

        _ledger.Abandon(0, new EntryIndex(0));

        Assert.Equal(0, _ledger.OpenPages);
    }

    [Fact]
    public void Abandon_MemberOfAPack_LeavesThePack()
    {
        Open(Page(0, 0, 0, 10, 20));

        Assert.Empty(_ledger.Abandon(0, new EntryIndex(1)));
        Assert.Equal(0u, LaunchNext());
    }

    [Fact]
    public void Reopen_SettledChunk_IsSentAgainAndCompletesItsFileAgain()
    {
        Open(Page(0, 0, 0, 2 * MiB, MiB));
        LaunchNext();
        LaunchNext();
        _ledger.Settle(new ChunkIndex(0));
        Assert.NotNull(_ledger.Settle(new ChunkIndex(1)));

        Assert.True(_ledger.Reopen(0, new ChunkIndex(1)));

        Assert.Equal(1u, LaunchNext());
        Assert.Equal(new EntryIndex(0), _ledger.Settle(new ChunkIndex(1)));
        Assert.Equal(2u, LaunchNext());
    }

    [Fact]
    public void Reopen_PageThatIsClosed_IsRefused()
    {
        Open(Page(0, 0, 0, MiB), 0);

        Assert.False(_ledger.Reopen(0, new ChunkIndex(0)));
    }

    [Fact]
    public void Reopen_HeldChunkAheadOfTheCursor_IsGivenOnce()
    {
        // The destination re-hashes what it has while the rest is sent: a lost chunk may well lie ahead.
        Open(Page(0, 0, 0, 4 * MiB), 2);
        LaunchNext();

        Assert.True(_ledger.Reopen(0, new ChunkIndex(2)));

        uint[] taken = [LaunchNext(), LaunchNext(), LaunchNext()];
        Array.Sort(taken);
        Assert.Equal([1, 2, 3], taken);
        Assert.Null(Take());
    }

    [Fact]
    public void Reopen_ChunkThatWasRequeuedAndThenAbandoned_IsGivenOnce()
    {
        Open(Page(0, 0, 0, MiB, MiB));
        LaunchNext();
        _ledger.Requeue(new ChunkIndex(0), Trouble(1));
        _ledger.Abandon(0, new EntryIndex(0));
        _ledger.Reopen(0, new ChunkIndex(0));

        Assert.Equal(0u, LaunchNext());
        Assert.Equal(1u, LaunchNext());
        Assert.Null(Take());
    }

    [Fact]
    public void Settle_ChunkThatAnotherAnswerSettled_DoesNotCloseThePageEarly()
    {
        // The page is opened once more for a lost chunk while another of its chunks is still on its way.
        ManifestPage page = Page(0, 0, 0, 3 * MiB);
        Open(page);
        LaunchNext();
        Open(page, 0, 2);
        _ledger.Settle(new ChunkIndex(0));

        Assert.Equal(1, _ledger.OpenPages);
        Assert.Equal(1u, LaunchNext());
        _ledger.Settle(new ChunkIndex(1));
        Assert.Equal(0, _ledger.OpenPages);
    }

    [Fact]
    public void Ledger_AnySequenceOfOperations_AgreesWithTheModel()
    {
        for (int seed = 1; seed <= 200; seed++)
        {
            new LedgerModelRun(seed).Run();
        }
    }

    private IReadOnlyList<EntryIndex> Open(ManifestPage page, params uint[] held) =>
        _ledger.Open(page, new PagePlan(page), chunk => held.Contains(chunk.Value));

    private static ChunkTrouble Trouble(int attempts, int connection = 9) => new(attempts, connection, Samples.Noon);

    private ChunkToSend? Take() => _ledger.Take(AnyRoom);

    private uint LaunchNext()
    {
        ChunkToSend next = Take() ?? throw new InvalidOperationException("Nothing to take.");
        Launch(next);
        return next.Chunk.Index.Value;
    }

    private void Launch(ChunkToSend next) =>
        _ledger.Launch(new ChunkInFlight(next.Chunk, next.Page, 1, ActorRefs.Nobody, next.Attempt));
}
