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
            TransferPage page = await catalogue.ListAsync(new TransferQuery(null, cursor, 10), Cancellation);
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

        TransferPage page = await catalogue.ListAsync(new TransferQuery(TransferState.Active, null), Cancellation);

        Assert.Equal(wanted, Assert.Single(page.Items).Id);
        Assert.Null(page.NextCursor);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("%%%")]
    [InlineData("bm90IG9uZSBvZiBvdXJz")]
    [InlineData("MjAzMC0wMS0wMlQxMjowMDowMC4wMDAwMDAwWiBub3QtYW4taWQ")]
    public async Task List_WithAForeignCursor_IsRefused(string cursor)
    {
        ITransferCatalogue catalogue = await CatalogueAsync();

        ClusterTransferException error = await Assert.ThrowsAsync<ClusterTransferException>(
            () => catalogue.ListAsync(new TransferQuery(null, cursor), Cancellation));

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
        Assert.Equal(Reason.WrongState, error.Reason);
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

    private static async Task<TransferId> StreamAsync(IEventJournal journal)
    {
        TransferId id = TransferId.New();
        await journal.AppendAsync(ITransferCatalogue.StreamPrefix + id.Value, 0, Samples.Events(1, 1), Cancellation);
        return id;
    }
}
