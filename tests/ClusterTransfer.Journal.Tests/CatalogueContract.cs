using ClusterTransfer.Actors.Persistence;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Journal.Tests;

/// <summary>What every catalogue must do.</summary>
public abstract class CatalogueContract
{
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected abstract Task<ITransferCatalogue> CatalogueAsync();

    private protected abstract Task<IEventJournal> JournalAsync();

    [Fact]
    public async Task Get_AfterUpserts_GivesTheLastRow()
    {
        ITransferCatalogue catalogue = await CatalogueAsync();
        TransferId id = TransferId.New();
        TransferResource transfer = Samples.Transfer(id, TransferState.Queued, Samples.Noon);
        await catalogue.UpsertAsync(transfer, Cancellation);
        await catalogue.UpsertAsync(transfer with { State = TransferState.Active, Sessions = 2 }, Cancellation);

        TransferResource? found = await catalogue.GetAsync(id, Cancellation);

        Assert.Equal(TransferState.Active, found!.State);
        Assert.Equal(2, found.Sessions);
        Assert.Null(await catalogue.GetAsync(TransferId.New(), Cancellation));
    }

    [Fact]
    public async Task List_ByPages_GivesEachTransferOnceNewestFirst()
    {
        ITransferCatalogue catalogue = await CatalogueAsync();
        List<TransferId> oldestFirst = [];
        for (int i = 0; i < 25; i++)
        {
            // Every other one has the same time as the one before: the id decides then.
            TransferId id = TransferId.New();
            oldestFirst.Add(id);
            await catalogue.UpsertAsync(Samples.Transfer(id, TransferState.Queued, Samples.Noon.AddSeconds(i / 2)), Cancellation);
        }

        List<TransferResource> seen = [];
        string? cursor = null;
        do
        {
            TransferPage page = await catalogue.ListAsync(new TransferListQuery { Cursor = cursor, Limit = 10 }, [], Cancellation);
            Assert.InRange(page.Items.Count, 1, 10);
            seen.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        Assert.Equal(25, seen.Count);
        Assert.Equal(oldestFirst.ToHashSet(), seen.Select(transfer => transfer.Id).ToHashSet());
        Assert.Equal(seen.Select(transfer => transfer.CreatedAt).OrderDescending(), seen.Select(transfer => transfer.CreatedAt));
    }

    [Fact]
    public async Task List_ByState_LeavesOutOthers()
    {
        ITransferCatalogue catalogue = await CatalogueAsync();
        TransferId wanted = TransferId.New();
        await catalogue.UpsertAsync(Samples.Transfer(TransferId.New(), TransferState.Completed, Samples.Noon), Cancellation);
        await catalogue.UpsertAsync(Samples.Transfer(wanted, TransferState.Active, Samples.Noon), Cancellation);

        TransferPage page = await catalogue.ListAsync(new TransferListQuery { States = [TransferState.Active] }, [], Cancellation);

        Assert.Equal(wanted, Assert.Single(page.Items).Id);
        Assert.Null(page.NextCursor);
    }

    [Fact]
    public async Task List_WithFilters_GivesThoseThatMeetAllOfThem()
    {
        ITransferCatalogue catalogue = await CatalogueAsync();
        await AddAsync("000000000000000a", TransferState.Active, 0, "photos", "vault", "alpha", "beta");
        await AddAsync("000000000000000b", TransferState.Queued, 1, "films", "photos", null, null);
        await AddAsync("000000000000000c", TransferState.Completed, 2, "photos", "photos", "beta", "beta");
        await AddAsync("000000000000000d", TransferState.Active, 3, "films", "vault", "gamma", "alpha");

        await AssertAsync("cba", new TransferListQuery { Location = new LocationName("photos") });
        await AssertAsync("da", new TransferListQuery { Node = new NodeId("alpha") });
        await AssertAsync("dcba", new TransferListQuery { States = [TransferState.Active, TransferState.Completed, TransferState.Queued] });
        await AssertAsync("dba", new TransferListQuery { States = [TransferState.Active, TransferState.Queued, TransferState.Active] });
        await AssertAsync("dc", new TransferListQuery { CreatedAfter = Samples.Noon.AddSeconds(2) });
        await AssertAsync("ba", new TransferListQuery { CreatedBefore = Samples.Noon.AddSeconds(2).ToOffset(TimeSpan.FromHours(5)) });
        await AssertAsync("b", new TransferListQuery { CreatedAfter = Samples.Noon.AddSeconds(1), CreatedBefore = Samples.Noon.AddSeconds(2) });
        await AssertAsync("a", new TransferListQuery { Location = new LocationName("photos"), Node = new NodeId("alpha"), States = [TransferState.Active] });
        await AssertAsync(string.Empty, new TransferListQuery { Location = new LocationName("nowhere") });

        Task AddAsync(string id, TransferState state, int second, string from, string into, string? reader, string? writer) => catalogue.UpsertAsync(
            Samples.Transfer(new TransferId(id), state, Samples.Noon.AddSeconds(second)) with
            {
                Source = $"{from}:x", Destination = $"{into}:y", SourceNode = reader is null ? null : new NodeId(reader), DestinationNode = writer is null ? null : new NodeId(writer),
            },
            Cancellation);

        async Task AssertAsync(string last, TransferListQuery query) =>
            Assert.Equal(last, string.Concat((await catalogue.ListAsync(query, [], Cancellation)).Items.Select(transfer => transfer.Id.Value[^1])));
    }

    [Theory]
    [InlineData(TransferSort.NewestFirst, "edcba")]
    [InlineData(TransferSort.OldestFirst, "abcde")]
    [InlineData(TransferSort.LatestEndFirst, "ebadc")]
    [InlineData(TransferSort.EarliestEndFirst, "cdabe")]
    public async Task List_InEachOrder_PagesThroughAll(TransferSort sort, string expected)
    {
        ITransferCatalogue catalogue = await CatalogueAsync();
        int?[] ended = [30, null, 20, 20, null];
        for (int i = 0; i < ended.Length; i++)
        {
            await catalogue.UpsertAsync(
                Samples.Transfer(new TransferId($"000000000000000{(char)('a' + i)}"), TransferState.Active, Samples.Noon.AddSeconds(i)) with
                {
                    EndedAt = ended[i] is { } second ? Samples.Noon.AddSeconds(second) : null,
                },
                Cancellation);
        }

        Assert.Equal(expected, await PagesAsync(catalogue, new TransferListQuery { Sort = sort, Limit = 2 }));
    }

    [Fact]
    public async Task List_AfterAnEndedTransferIsTakenUpAgain_ShowsItAmongThoseThatRun()
    {
        ITransferCatalogue catalogue = await CatalogueAsync();
        TransferResource failed = Samples.Transfer(new TransferId("000000000000000a"), TransferState.Failed, Samples.Noon) with { EndedAt = Samples.Noon.AddSeconds(1) };
        TransferResource later = Samples.Transfer(new TransferId("000000000000000b"), TransferState.Failed, Samples.Noon) with { EndedAt = Samples.Noon.AddSeconds(2) };
        await catalogue.UpsertAsync(failed, Cancellation);
        await catalogue.UpsertAsync(later, Cancellation);

        await catalogue.UpsertAsync(failed with { State = TransferState.Queued, EndedAt = null }, Cancellation);

        Assert.Equal("ab", await PagesAsync(catalogue, new TransferListQuery { Sort = TransferSort.LatestEndFirst }));
        Assert.Equal("b", await PagesAsync(catalogue, new TransferListQuery { States = [TransferState.Failed] }));
    }

    [Theory]
    [InlineData(TransferSort.NewestFirst, "fedcba")]
    [InlineData(TransferSort.OldestFirst, "abcdef")]
    [InlineData(TransferSort.LatestEndFirst, "febadc")]
    [InlineData(TransferSort.EarliestEndFirst, "cdabef")]
    public async Task List_WithLiveTransfers_TakesTheirWordAndPagesThroughAll(TransferSort sort, string expected)
    {
        ITransferCatalogue catalogue = await CatalogueAsync();
        int?[] ended = [30, 30, 20, 20, 10, null];   // the last two as their rows say
        for (int i = 0; i < ended.Length; i++)
        {
            await catalogue.UpsertAsync(At(i, ended[i]), Cancellation);
        }

        // One was taken up again, one has ended: neither is in its row yet. One has no row at all.
        LiveTransfer[] live = [Live(At(4, null)), Live(At(0, 30)), Live(At(5, null)), Live(At(6, null) with { State = TransferState.Queued })];
        var query = new TransferListQuery { Sort = sort, Limit = 2, States = [TransferState.Active] };

        Assert.Equal(expected, await PagesAsync(catalogue, query, live));

        static LiveTransfer Live(TransferResource transfer) => new(transfer, null, null);

        static TransferResource At(int i, int? endedAt) => Samples.Transfer(new TransferId($"000000000000000{(char)('a' + i)}"), TransferState.Active, Samples.Noon.AddSeconds(i)) with
        {
            EndedAt = endedAt is { } second ? Samples.Noon.AddSeconds(second) : null,
        };
    }

    [Fact]
    public async Task List_WithFilters_HoldsLiveTransfersToThem()
    {
        ITransferCatalogue catalogue = await CatalogueAsync();
        TransferResource transfer = Samples.Transfer(new TransferId("000000000000000a"), TransferState.Active, Samples.Noon) with { Source = "photos:x", Destination = "vault:y" };
        await catalogue.UpsertAsync(transfer with { State = TransferState.Queued }, Cancellation);
        LiveTransfer[] live = [new LiveTransfer(transfer, new NodeId("alpha"), new NodeId("beta"))];

        await AssertAsync("a", new TransferListQuery { States = [TransferState.Active], Location = new LocationName("vault"), Node = new NodeId("alpha") });
        await AssertAsync("a", new TransferListQuery { Location = new LocationName("photos"), Node = new NodeId("beta"), CreatedAfter = Samples.Noon, CreatedBefore = Samples.Noon.AddTicks(1) });
        await AssertAsync(string.Empty, new TransferListQuery { States = [TransferState.Queued] });
        await AssertAsync(string.Empty, new TransferListQuery { Location = new LocationName("films") });
        await AssertAsync(string.Empty, new TransferListQuery { Node = new NodeId("gamma") });
        await AssertAsync(string.Empty, new TransferListQuery { CreatedAfter = Samples.Noon.AddTicks(1) });
        await AssertAsync(string.Empty, new TransferListQuery { CreatedBefore = Samples.Noon });

        async Task AssertAsync(string expected, TransferListQuery query) => Assert.Equal(expected, await PagesAsync(catalogue, query, live));
    }

    [Fact]
    public async Task List_ByNode_FindsTransfersBetweenTwoSessions()
    {
        ITransferCatalogue catalogue = await CatalogueAsync();
        TransferResource moving = Samples.Transfer(new TransferId("000000000000000a"), TransferState.Active, Samples.Noon) with
        {
            SourceNode = new NodeId("alpha"), DestinationNode = new NodeId("beta"),
        };
        await catalogue.UpsertAsync(moving, Cancellation);

        await catalogue.UpsertAsync(moving with { State = TransferState.Queued, SourceNode = null, DestinationNode = null }, Cancellation);

        Assert.Equal("a", await PagesAsync(catalogue, new TransferListQuery { Node = new NodeId("beta") }));
        Assert.Equal("a", await PagesAsync(catalogue, new TransferListQuery { Node = new NodeId("alpha") }));
    }

    [Fact]
    public async Task List_WithACursorOfAnotherList_SaysWhatDiffers()
    {
        ITransferCatalogue catalogue = await CatalogueAsync();
        await catalogue.UpsertAsync(Samples.Transfer(TransferId.New(), TransferState.Active, Samples.Noon), Cancellation);
        await catalogue.UpsertAsync(Samples.Transfer(TransferId.New(), TransferState.Active, Samples.Noon), Cancellation);
        var query = new TransferListQuery { States = [TransferState.Active, TransferState.Queued], Limit = 1 };
        string cursor = (await catalogue.ListAsync(query, [], Cancellation)).NextCursor!;

        ClusterTransferException sort = await Assert.ThrowsAsync<ClusterTransferException>(
            () => catalogue.ListAsync(query with { Cursor = cursor, Sort = TransferSort.OldestFirst }, [], Cancellation));
        ClusterTransferException filter = await Assert.ThrowsAsync<ClusterTransferException>(
            () => catalogue.ListAsync(query with { Cursor = cursor, Node = new NodeId("alpha") }, [], Cancellation));
        TransferPage next = await catalogue.ListAsync(query with { Cursor = cursor, States = [TransferState.Queued, TransferState.Active], Limit = 9 }, [], Cancellation);

        Assert.Equal(Reason.InvalidRequest, sort.Reason);
        Assert.Contains("sort=-created, this one has sort=created", sort.Message, StringComparison.Ordinal);
        Assert.Contains("other filters", filter.Message, StringComparison.Ordinal);
        Assert.Single(next.Items);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("%%%")]
    [InlineData("bm90IG9uZSBvZiBvdXJz")]
    [InlineData("MjAzMC0wMS0wMlQxMjowMDowMC4wMDAwMDAwWiAwMDAwMDAwMDAwMDAwMDBh")]   // the form of schema 2
    [InlineData("LWNyZWF0ZWQgMDAxMTIyMzM0NDU1IDIwMzAtMDEtMDJUMTI6MDA6MDAuMDAwMDAwMFogbm90LWFuLWlk")]   // no id
    [InlineData("c2l6ZSAwMDExMjIzMzQ0NTUgMjAzMC0wMS0wMlQxMjowMDowMC4wMDAwMDAwWiAwMDAwMDAwMDAwMDAwMDBh")]   // no sort
    public async Task List_WithAForeignCursor_IsRefused(string cursor)
    {
        ITransferCatalogue catalogue = await CatalogueAsync();

        ClusterTransferException error = await Assert.ThrowsAsync<ClusterTransferException>(
            () => catalogue.ListAsync(new TransferListQuery { Cursor = cursor }, [], Cancellation));

        Assert.Equal(Reason.InvalidRequest, error.Reason);
    }

    [Fact]
    public async Task FindByPrefix_GivesMatchesInOrderAndNoOthers()
    {
        ITransferCatalogue catalogue = await CatalogueAsync();
        foreach (string id in new[] { "abcd000000000001", "abcz000000000002", "abce000000000003", "abd0000000000004" })
        {
            await catalogue.UpsertAsync(Samples.Transfer(new TransferId(id), TransferState.Queued, Samples.Noon), Cancellation);
        }

        Assert.Equal(
            ["abcd000000000001", "abce000000000003", "abcz000000000002"],
            (await catalogue.FindByPrefixAsync("abc", 10, Cancellation)).Select(id => id.Value));
        Assert.Equal("abcd000000000001", Assert.Single(await catalogue.FindByPrefixAsync("abc", 1, Cancellation)).Value);
        Assert.Empty(await catalogue.FindByPrefixAsync("zz", 10, Cancellation));
        Assert.Empty(await catalogue.FindByPrefixAsync("%", 10, Cancellation));
        Assert.Empty(await catalogue.FindByPrefixAsync(string.Empty, 10, Cancellation));
    }

    [Fact]
    public async Task ListOpen_ReadsStreamsAndNotOnlyRows()
    {
        ITransferCatalogue catalogue = await CatalogueAsync();
        IEventJournal journal = await JournalAsync();
        TransferId withoutRow = await StreamAsync(journal);
        TransferId active = await StreamAsync(journal);
        TransferId ended = await StreamAsync(journal);
        await journal.AppendAsync("transfers-index", 0, Samples.Events(1, 1), Cancellation);
        await catalogue.UpsertAsync(Samples.Transfer(active, TransferState.Active, Samples.Noon), Cancellation);
        await catalogue.UpsertAsync(Samples.Transfer(ended, TransferState.Partial, Samples.Noon), Cancellation);

        IReadOnlyList<TransferId> open = await catalogue.ListOpenAsync(Cancellation);

        Assert.Equal(new HashSet<TransferId> { withoutRow, active }, open.ToHashSet());
    }

    [Fact]
    public async Task Events_AreNumberedPerTransferAndReadAfterANumber()
    {
        ITransferCatalogue catalogue = await CatalogueAsync();
        TransferId id = TransferId.New();
        for (int i = 1; i <= 5; i++)
        {
            Assert.Equal(i, await catalogue.AppendEventAsync(id, Samples.Noon, "note", $"line {i}", i == 5 ? "{\"a\":1}" : null, Cancellation));
        }

        Assert.Equal(1, await catalogue.AppendEventAsync(TransferId.New(), Samples.Noon, "note", "other", null, Cancellation));
        Assert.Equal(
            [new StoredTransferEvent(4, Samples.Noon, "note", "line 4", null), new StoredTransferEvent(5, Samples.Noon, "note", "line 5", "{\"a\":1}")],
            await catalogue.ReadEventsAsync(id, 3, 10, Cancellation));
        Assert.Equal(2, (await catalogue.ReadEventsAsync(id, 0, 2, Cancellation)).Count);
    }

    [Fact]
    public async Task Claim_OfAUsedKey_GivesTheFirstIdOrRefusesAnotherBody()
    {
        ITransferCatalogue catalogue = await CatalogueAsync();
        TransferId first = TransferId.New();
        Assert.Null(await catalogue.ClaimKeyAsync("key", "body", first, Cancellation));

        Assert.Equal(first, await catalogue.ClaimKeyAsync("key", "body", TransferId.New(), Cancellation));
        ClusterTransferException error = await Assert.ThrowsAsync<ClusterTransferException>(
            () => catalogue.ClaimKeyAsync("key", "another body", TransferId.New(), Cancellation));
        Assert.Equal(Reason.KeyReused, error.Reason);
        Assert.Contains(first.Value, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FindKey_GivesTheClaimOrNothing()
    {
        ITransferCatalogue catalogue = await CatalogueAsync();
        TransferId id = TransferId.New();
        await catalogue.ClaimKeyAsync("key", "body", id, Cancellation);

        Assert.Equal(new ClaimedKey("key", "body", id), await catalogue.FindKeyAsync("key", Cancellation));
        Assert.Null(await catalogue.FindKeyAsync("KEY", Cancellation));
        Assert.Null(await catalogue.FindKeyAsync(string.Empty, Cancellation));
    }

    [Fact]
    public async Task Claim_OfManyAtOnce_LetsOneWin()   // I5
    {
        ITransferCatalogue catalogue = await CatalogueAsync();
        TransferId[] ids = [.. Enumerable.Range(0, 20).Select(_ => TransferId.New())];

        TransferId?[] answers = await Task.WhenAll(ids.Select(id => catalogue.ClaimKeyAsync("key", "body", id, Cancellation))).WithinDeadline();

        TransferId winner = ids[Array.FindIndex(answers, answer => answer is null)];
        Assert.Single(answers, answer => answer is null);
        Assert.All(answers.Where(answer => answer is not null), answer => Assert.Equal(winner, answer));
    }

    // The last characters of the ids, page after page.
    private static async Task<string> PagesAsync(ITransferCatalogue catalogue, TransferListQuery query, IReadOnlyList<LiveTransfer>? live = null)
    {
        var seen = new System.Text.StringBuilder();
        do
        {
            TransferPage page = await catalogue.ListAsync(query, live ?? [], Cancellation);
            Assert.InRange(page.Items.Count, 0, query.Limit);
            seen.AppendJoin(string.Empty, page.Items.Select(transfer => transfer.Id.Value[^1]));
            query = query with { Cursor = page.NextCursor };
        }
        while (query.Cursor is not null);

        return seen.ToString();
    }

    private static async Task<TransferId> StreamAsync(IEventJournal journal)
    {
        TransferId id = TransferId.New();
        await journal.AppendAsync(ITransferCatalogue.StreamPrefix + id.Value, 0, Samples.Events(1, 1), Cancellation);
        return id;
    }

    [Fact]
    public async Task Prune_RemovesAllOfWhatEndedBefore_AndNothingElse()
    {
        ITransferCatalogue catalogue = await CatalogueAsync();
        IEventJournal journal = await JournalAsync();
        TransferId old = new("000000000000000a"), young = new("000000000000000b"), running = new("000000000000000c"), excepted = new("000000000000000d");
        foreach (TransferId id in (TransferId[])[old, young, running, excepted])
        {
            TransferResource row = Samples.Transfer(id, id == running ? TransferState.Active : TransferState.Completed, Samples.Noon);
            await catalogue.UpsertAsync(row with { EndedAt = id == running ? null : Samples.Noon.AddDays(id == young ? 2 : 0) }, Cancellation);
            await catalogue.AppendEventAsync(id, Samples.Noon, "accepted", "Accepted.", null, Cancellation);
            await catalogue.ClaimKeyAsync($"key-{id}", "hash", id, Cancellation);
            await journal.AppendAsync($"transfer-{id}", 0, [new Counted(1)], Cancellation);
        }

        Assert.Equal(1, await catalogue.PruneAsync(Samples.Noon.AddDays(1), [excepted], 16, Cancellation));

        Assert.Null(await catalogue.GetAsync(old, Cancellation));
        Assert.Empty(await catalogue.ReadEventsAsync(old, 0, 10, Cancellation));
        Assert.Null(await catalogue.FindKeyAsync($"key-{old}", Cancellation));
        Assert.Equal(0, await journal.ReplayAsync($"transfer-{old}", 1, long.MaxValue, _ => Assert.Fail("It is gone."), Cancellation));
        foreach (TransferId id in (TransferId[])[young, running, excepted])
        {
            Assert.NotNull(await catalogue.GetAsync(id, Cancellation));
            Assert.Single(await catalogue.ReadEventsAsync(id, 0, 10, Cancellation));
            Assert.NotNull(await catalogue.FindKeyAsync($"key-{id}", Cancellation));
            Assert.Equal(1, await journal.ReplayAsync($"transfer-{id}", 1, long.MaxValue, _ => { }, Cancellation));
        }

        Assert.Contains(running, await catalogue.ListOpenAsync(Cancellation));
    }

    [Fact]
    public async Task Prune_OfMany_TakesTheEarliestFirstAndNoMoreThanAsked()
    {
        ITransferCatalogue catalogue = await CatalogueAsync();
        TransferId[] ids = [.. Enumerable.Range(0, 5).Select(_ => TransferId.New())];
        for (int i = 0; i < ids.Length; i++)
        {
            await catalogue.UpsertAsync(Samples.Transfer(ids[i], TransferState.Failed, Samples.Noon) with { EndedAt = Samples.Noon.AddHours(i) }, Cancellation);
        }

        Assert.Equal(2, await catalogue.PruneAsync(Samples.Noon.AddDays(1), [], 2, Cancellation));
        Assert.Null(await catalogue.GetAsync(ids[1], Cancellation));
        Assert.NotNull(await catalogue.GetAsync(ids[2], Cancellation));
        Assert.Equal(2, await catalogue.PruneAsync(Samples.Noon.AddDays(1), [], 2, Cancellation));
        Assert.Equal(1, await catalogue.PruneAsync(Samples.Noon.AddDays(1), [], 2, Cancellation));
        Assert.Equal(0, await catalogue.PruneAsync(Samples.Noon.AddDays(1), [], 2, Cancellation));
    }

    [Fact]
    public async Task Prune_OfKeysThatLedToNothing_LeavesThoseOfASubmitThatIsJournaled()
    {
        ITransferCatalogue catalogue = await CatalogueAsync();
        IEventJournal journal = await JournalAsync();
        TransferId journaled = TransferId.New();
        await catalogue.ClaimKeyAsync("nothing", "hash", TransferId.New(), Cancellation);
        await catalogue.ClaimKeyAsync("journaled", "hash", journaled, Cancellation);
        await journal.AppendAsync($"transfer-{journaled}", 0, [new Counted(1)], Cancellation);

        Assert.Equal(0, await catalogue.PruneAsync(DateTimeOffset.UnixEpoch, [], 16, Cancellation));
        Assert.Equal(1, await catalogue.PruneAsync(DateTimeOffset.MaxValue.AddDays(-1), [], 16, Cancellation));

        Assert.Null(await catalogue.FindKeyAsync("nothing", Cancellation));
        Assert.NotNull(await catalogue.FindKeyAsync("journaled", Cancellation));
    }

    [Fact]
    public async Task AppendEvent_BeyondTheBound_DropsTheOldestAndNumbersGoOn()
    {
        ITransferCatalogue catalogue = await CatalogueAsync();
        TransferId id = TransferId.New(), other = TransferId.New();
        await catalogue.AppendEventAsync(other, Samples.Noon, "k", "t", null, Cancellation);
        for (int i = 0; i < ITransferCatalogue.MaxEvents + 3; i += 500)
        {
            await Task.WhenAll(Enumerable.Range(i, Math.Min(500, ITransferCatalogue.MaxEvents + 3 - i)).Select(_ => catalogue.AppendEventAsync(id, Samples.Noon, "k", "t", null, Cancellation)));
        }

        StoredTransferEvent first = (await catalogue.ReadEventsAsync(id, 0, 1, Cancellation)).Single();
        StoredTransferEvent last = (await catalogue.ReadEventsAsync(id, ITransferCatalogue.MaxEvents + 2, 10, Cancellation)).Single();

        Assert.Equal((4, ITransferCatalogue.MaxEvents + 3), (first.Sequence, last.Sequence));
        Assert.Single(await catalogue.ReadEventsAsync(other, 0, 10, Cancellation));
    }
}
