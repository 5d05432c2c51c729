using ClusterTransfer.Actors.Persistence;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Journal.Tests;

/// <summary>A journal in a temp folder, opened on first use.</summary>
internal sealed class SqliteFixture : IAsyncDisposable
{
    private readonly TestFolder _folder = new();
    private SqliteJournal? _journal;

    public string File => _folder["journal.db"];

    public async Task<SqliteJournal> OpenAsync(SqliteJournalOptions? options = null) => _journal ??= await SqliteJournal.OpenAsync(
        File, Samples.Types(), TimeProvider.System, options ?? new SqliteJournalOptions(), TestContext.Current.CancellationToken);

    public async Task<SqliteJournal> ReopenAsync()
    {
        await CloseAsync();
        return await OpenAsync();
    }

    public async Task CloseAsync()
    {
        if (_journal is not null)
        {
            await _journal.DisposeAsync();
            _journal = null;
        }
    }

    public string Other(string name) => _folder[name];

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _folder.Dispose();
    }
}

public sealed class SqliteJournalContract : JournalContract, IAsyncDisposable
{
    private readonly SqliteFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    private protected override async Task<IEventJournal> JournalAsync() => await _fixture.OpenAsync();

    private protected override async Task<ISnapshotStore> SnapshotsAsync() => await _fixture.OpenAsync();
}

public sealed class SqliteCatalogueContract : CatalogueContract, IAsyncDisposable
{
    private readonly SqliteFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    private protected override async Task<ITransferCatalogue> CatalogueAsync() => await _fixture.OpenAsync();

    private protected override async Task<IEventJournal> JournalAsync() => await _fixture.OpenAsync();
}
