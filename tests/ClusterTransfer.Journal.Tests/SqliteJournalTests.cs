using ClusterTransfer.Actors.Persistence;
using ClusterTransfer.Journal.Sqlite;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.TestKit;
using Microsoft.Data.Sqlite;

namespace ClusterTransfer.Journal.Tests;

/// <summary>What is particular to the file.</summary>
public sealed class SqliteJournalTests : IAsyncDisposable
{
    private readonly SqliteFixture _fixture = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Reopen_AfterACleanClose_HasEverythingAndNoLogLeft()
    {
        SqliteJournal journal = await _fixture.OpenAsync();
        await journal.AppendAsync("s", 0, Samples.Events(1, 3), Cancellation);
        await _fixture.CloseAsync();
        Assert.False(File.Exists(_fixture.File + "-wal"));

        journal = await _fixture.ReopenAsync();

        Assert.False(journal.RecoveredFromUncleanStop);
        Assert.Equal(3, await journal.ReplayAsync("s", 1, long.MaxValue, _ => { }, Cancellation));
        Assert.Equal("ok", Read("PRAGMA integrity_check"));
        Assert.Equal(3L, Read("PRAGMA user_version"));
    }

    [Fact]
    public async Task Open_MakesEveryFileReadableByItsOwnerOnly()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "File modes are a matter of Unix.");
        SqliteJournal journal = await _fixture.OpenAsync();
        await journal.AppendAsync("s", 0, Samples.Events(1, 1), Cancellation);

        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(_fixture.File)!))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, Unix(file));
        }
    }

    [Fact]
    public async Task Open_WhenAnotherHasIt_IsRefusedByName()
    {
        await _fixture.OpenAsync();

        ClusterTransferException error = await OpenFailsAsync(_fixture.File);

        Assert.Equal(Reason.WrongState, error.Reason);
        Assert.Contains(_fixture.File, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_OfANewerSchema_NamesBothVersions()   // Q6
    {
        await _fixture.OpenAsync();
        await _fixture.CloseAsync();
        Write("PRAGMA user_version=7");

        ClusterTransferException error = await OpenFailsAsync(_fixture.File);

        Assert.Equal(Reason.VersionMismatch, error.Reason);
        Assert.Contains("schema 7", error.Message, StringComparison.Ordinal);
        Assert.Contains("knows 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_OfAnotherProgramsDatabase_LeavesItAlone()
    {
        SystemSqlite.EnsureLoaded();
        Write("CREATE TABLE theirs (x)");

        ClusterTransferException error = await OpenFailsAsync(_fixture.File);

        Assert.Equal(Reason.InvalidRequest, error.Reason);
        Assert.Equal("theirs", Read("SELECT group_concat(name) FROM sqlite_master"));
    }

    [Fact]
    public async Task Open_InAMissingFolder_SaysSo()
    {
        ClusterTransferException error = await OpenFailsAsync(Path.Combine(_fixture.Other("missing"), "journal.db"));

        Assert.Equal(Reason.DiskError, error.Reason);
    }

    [Fact]
    public async Task Open_OfAFileThatIsNoDatabase_SaysDamaged()
    {
        await File.WriteAllBytesAsync(_fixture.File, [.. Enumerable.Repeat((byte)'x', 8192)], Cancellation);

        ClusterTransferException error = await OpenFailsAsync(_fixture.File);

        Assert.Equal(Reason.DiskError, error.Reason);
        Assert.Contains("damaged", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Library_WhenAbsent_NamesThePackage()
    {
        ClusterTransferException error = Assert.Throws<ClusterTransferException>(() => SystemSqlite.Load(["libsqlite3-of-nobody.so.0"]));

        Assert.Contains("libsqlite3-0", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE events SET type = 'from-the-future' WHERE stream = 'bad' AND sequence = 2", Reason.VersionMismatch)]
    [InlineData("UPDATE events SET version = 99 WHERE stream = 'bad' AND sequence = 2", Reason.VersionMismatch)]
    [InlineData("UPDATE events SET payload = '{\"value\":' WHERE stream = 'bad' AND sequence = 2", Reason.DiskError)]
    [InlineData("UPDATE events SET version = 4294967296 WHERE stream = 'bad' AND sequence = 2", Reason.DiskError)]
    [InlineData("DELETE FROM events WHERE stream = 'bad' AND sequence = 2", Reason.DiskError)]
    public async Task Replay_OverABadRow_StopsThatStreamWholeAndNoOther(string damage, Reason expected)   // Q6
    {
        SqliteJournal journal = await _fixture.OpenAsync();
        await journal.AppendAsync("bad", 0, Samples.Events(1, 3), Cancellation);
        await journal.AppendAsync("good", 0, Samples.Events(1, 3), Cancellation);
        await _fixture.CloseAsync();
        Write(damage);
        journal = await _fixture.OpenAsync();
        List<PersistedEvent> seen = [];

        JournalFormatException error = await Assert.ThrowsAsync<JournalFormatException>(
            () => journal.ReplayAsync("bad", 1, long.MaxValue, seen.Add, Cancellation));

        Assert.Equal(("bad", 2L, expected), (error.Stream, error.Sequence, error.Reason));
        Assert.Empty(seen);
        Assert.Equal(3, await journal.ReplayAsync("good", 1, long.MaxValue, seen.Add, Cancellation));
        Assert.Equal(3, seen.Count);
    }

    [Fact]
    public async Task Replay_WithTheLastRowGone_IsNotTakenForAShorterStream()
    {
        SqliteJournal journal = await _fixture.OpenAsync();
        await journal.AppendAsync("s", 0, Samples.Events(1, 3), Cancellation);
        await _fixture.CloseAsync();
        Write("DELETE FROM events WHERE stream = 's' AND sequence = 3");
        journal = await _fixture.OpenAsync();

        JournalFormatException error = await Assert.ThrowsAsync<JournalFormatException>(
            () => journal.ReplayAsync("s", 1, long.MaxValue, _ => { }, Cancellation));

        Assert.Equal(3, error.Sequence);
    }

    [Fact]
    public async Task Append_OfAnUnregisteredType_IsABugOfTheCallerAndStoresNothing()
    {
        SqliteJournal journal = await _fixture.OpenAsync();

        await Assert.ThrowsAsync<ArgumentException>(async () => await journal.AppendAsync("s", 0, [new Counted(1), new Unregistered(1)], Cancellation));

        Assert.Equal(0, await journal.ReplayAsync("s", 1, long.MaxValue, _ => { }, Cancellation));
    }

    [Fact]
    public async Task Append_OfManyAtOnce_SharesFlushes()
    {
        SqliteJournal journal = await _fixture.OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => journal.AppendAsync($"s{i}", 0, Samples.Events(i, 1), Cancellation))).WithinDeadline();

        Assert.InRange(journal.Commits, 4, 499);   // at most 128 in one
    }

    [Fact]
    public async Task Append_BesideAConflictInTheSameTransaction_IsKept()
    {
        SqliteJournal journal = await _fixture.OpenAsync();
        List<Task> tasks = [];
        for (int i = 0; i < 100; i++)
        {
            tasks.Add(journal.AppendAsync($"s{i}", i % 2, Samples.Events(i, 1), Cancellation));
        }

        await Task.WhenAll(tasks.Select(task => task.ContinueWith(_ => { }, TaskScheduler.Default))).WithinDeadline();

        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(i % 2 == 0, tasks[i].IsCompletedSuccessfully);
            Assert.Equal(i % 2 == 0 ? 1 : 0, await journal.ReplayAsync($"s{i}", 1, long.MaxValue, _ => { }, Cancellation));
        }
    }

    [Fact]
    public async Task Append_CancelledBefore_IsNotStored()
    {
        SqliteJournal journal = await _fixture.OpenAsync();
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => journal.AppendAsync("s", 0, Samples.Events(1, 1), cancelled.Token));

        Assert.Equal(0, await journal.ReplayAsync("s", 1, long.MaxValue, _ => { }, Cancellation));
    }

    [Fact]
    public async Task Append_BeyondTheQueue_WaitsAndIsStored()
    {
        SqliteJournal journal = await _fixture.OpenAsync(new SqliteJournalOptions { WriteQueueLength = 2, MaxBatch = 2 });

        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => journal.AppendAsync($"s{i}", 0, Samples.Events(i, 1), Cancellation))).WithinDeadline();

        Assert.NotEqual(0, journal.QueueWaits);
        Assert.Equal(1, await journal.ReplayAsync("s99", 1, long.MaxValue, _ => { }, Cancellation));
    }

    [Fact]
    public async Task Append_AfterClose_IsRefused()
    {
        SqliteJournal journal = await _fixture.OpenAsync();
        await _fixture.CloseAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => journal.AppendAsync("s", 0, Samples.Events(1, 1), Cancellation));
    }

    [Fact]
    [Trait("row", "D7")]
    [Trait("row", "D12")]
    public async Task Write_ToADamagedFile_FailsTheJournalForGood()   // D7, D12
    {
        SqliteJournal journal = await _fixture.OpenAsync();
        await journal.AppendAsync("s", 0, Samples.Events(1, 1), Cancellation);
        await _fixture.CloseAsync();
        long page = (long)Read("SELECT rootpage FROM sqlite_master WHERE name = 'events'")!;
        int size = (int)(long)Read("PRAGMA page_size")!;
        byte[] database = await File.ReadAllBytesAsync(_fixture.File, Cancellation);
        database.AsSpan((int)(page - 1) * size, size).Fill(0xA5);
        await File.WriteAllBytesAsync(_fixture.File, database, Cancellation);
        journal = await _fixture.OpenAsync();

        ClusterTransferException first = await Assert.ThrowsAsync<ClusterTransferException>(
            () => journal.AppendAsync("s", 1, Samples.Events(2, 1), Cancellation));
        ClusterTransferException second = await Assert.ThrowsAsync<ClusterTransferException>(
            () => journal.AppendEventAsync(TransferId.New(), Samples.Noon, "note", "text", null, Cancellation));

        Assert.Equal(Reason.DiskError, first.Reason);
        Assert.Equal(Reason.DiskError, second.Reason);
        Assert.Equal(first.Problem, await journal.Failed.WithinDeadline());
    }

    [Fact]
    public async Task List_WithABadRow_ShowsTheOthersAndCountsIt()
    {
        SqliteJournal journal = await _fixture.OpenAsync();
        TransferId good = TransferId.New();
        TransferId bad = TransferId.New();
        await journal.UpsertAsync(Samples.Transfer(good, TransferState.Active, Samples.Noon), Cancellation);
        await journal.UpsertAsync(Samples.Transfer(bad, TransferState.Active, Samples.Noon), Cancellation);
        await _fixture.CloseAsync();
        Write($"UPDATE transfers SET json = 'no json' WHERE id = '{bad}'");
        journal = await _fixture.OpenAsync();

        Assert.Equal(good, Assert.Single((await journal.ListAsync(new TransferListQuery(), [], Cancellation)).Items).Id);
        Assert.Equal(1, journal.DamagedRows);
        await Assert.ThrowsAsync<JournalFormatException>(() => journal.GetAsync(bad, Cancellation));
    }

    [Theory]
    [InlineData("UPDATE streams SET highest = 'x' WHERE name = 's'")]
    [InlineData("UPDATE streams SET deleted = x'FF' WHERE name = 's'")]
    [InlineData("UPDATE streams SET highest = 2.5 WHERE name = 's'")]
    public async Task Replay_WithAStreamWhoseNumbersAreNone_IsRefusedAsDamage(string damage)   // Q6
    {
        SqliteJournal journal = await _fixture.OpenAsync();
        await journal.AppendAsync("s", 0, Samples.Events(1, 3), Cancellation);
        await _fixture.CloseAsync();
        Write(damage);
        journal = await _fixture.OpenAsync();

        JournalFormatException error = await Assert.ThrowsAsync<JournalFormatException>(() => journal.ReplayAsync("s", 1, long.MaxValue, _ => { }, Cancellation));

        Assert.Equal(("s", Reason.DiskError), (error.Stream, error.Reason));
    }

    private static UnixFileMode Unix(string file) => OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(file);

    private static Task<ClusterTransferException> OpenFailsAsync(string file) => Assert.ThrowsAsync<ClusterTransferException>(
        () => SqliteJournal.OpenAsync(file, Samples.Types(), TimeProvider.System, Cancellation));

    private void Write(string sql)
    {
        using SqliteConnection connection = new($"Data Source={_fixture.File};Pooling=False");
        connection.Open();
        connection.Execute(sql);
    }

    private object? Read(string sql)
    {
        using SqliteConnection connection = new($"Data Source={_fixture.File};Pooling=False");
        connection.Open();
        return connection.Scalar(sql);
    }
}
