using System.Diagnostics;
using System.Globalization;
using ClusterTransfer.Model;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Journal.Tests;

/// <summary>What was acknowledged before a process died, or a power cut froze its files, is there afterwards.</summary>
public sealed class CrashTests : IAsyncDisposable
{
    private readonly SqliteFixture _fixture = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Append_AcknowledgedBeforeKill_IsThereAfterwards()   // P2
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "SIGKILL is a matter of Unix.");
        using Process writer = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, WriterArguments())
        {
            RedirectStandardOutput = true,
        })!;
        int acknowledged = 0;
        while (acknowledged < 200 && await writer.StandardOutput.ReadLineAsync(Cancellation).AsTask().WithinDeadline() is { } line)
        {
            acknowledged = int.Parse(line, CultureInfo.InvariantCulture);
        }

        writer.Kill();   // SIGKILL, in the middle of whatever it is writing now
        while (await writer.StandardOutput.ReadLineAsync(Cancellation).AsTask().WithinDeadline() is { } line)
        {
            // Acknowledged before it died, read after; the last line may be cut.
            acknowledged = int.TryParse(line, CultureInfo.InvariantCulture, out int number) && number == acknowledged + 1 ? number : acknowledged;
        }

        await writer.WaitForExitAsync(Cancellation).WithinDeadline();
        SqliteJournal journal = await _fixture.OpenAsync();

        Assert.True(acknowledged >= 200, $"The writer ended by itself after {acknowledged} appends.");
        Assert.True(journal.RecoveredFromUncleanStop);
        List<int> seen = [];
        long highest = await journal.ReplayAsync("s", 1, long.MaxValue, stored => seen.Add(((Counted)stored.Payload).Value), Cancellation);
        Assert.True(highest >= acknowledged, $"{acknowledged} were acknowledged, {highest} are there.");
        Assert.Equal(Enumerable.Range(1, (int)highest), seen);
    }

    [Fact]
    public async Task Append_AcknowledgedBeforeTheFilesFroze_IsInTheCopy()
    {
        SqliteJournal journal = await _fixture.OpenAsync();
        for (int i = 0; i < 50; i++)
        {
            await journal.AppendAsync("s", i, Samples.Events(i, 1), Cancellation);
        }

        string copy = _fixture.Other("copy.db");
        File.Copy(_fixture.File, copy);
        File.Copy(_fixture.File + "-wal", copy + "-wal");
        await using SqliteJournal recovered = await SqliteJournal.OpenAsync(copy, Samples.Types(), TimeProvider.System, Cancellation);

        Assert.True(recovered.RecoveredFromUncleanStop);
        Assert.Equal(50, await recovered.ReplayAsync("s", 1, long.MaxValue, _ => { }, Cancellation));
    }

    [Fact]
    public async Task Open_WithAnUnfinishedTailOfTheLog_CutsItAndKeepsTheRest()
    {
        SqliteJournal journal = await _fixture.OpenAsync();
        await journal.AppendAsync("s", 0, Samples.Events(1, 1), Cancellation);
        long before = new FileInfo(_fixture.File + "-wal").Length;
        await journal.AppendAsync("s", 1, Samples.Events(2, 1), Cancellation);
        string copy = _fixture.Other("copy.db");
        File.Copy(_fixture.File, copy);
        byte[] log = await File.ReadAllBytesAsync(_fixture.File + "-wal", Cancellation);
        await File.WriteAllBytesAsync(copy + "-wal", log[..(int)(before + ((log.Length - before) / 2))], Cancellation);

        await using SqliteJournal recovered = await SqliteJournal.OpenAsync(copy, Samples.Types(), TimeProvider.System, Cancellation);

        Assert.Equal(1, await recovered.ReplayAsync("s", 1, long.MaxValue, _ => { }, Cancellation));
    }

    [Fact]
    [Trait("row", "D12")]
    public async Task Open_OfADamagedDatabaseAfterAnUncleanStop_IsRefusedByName()   // D12
    {
        SqliteJournal journal = await _fixture.OpenAsync();
        for (int i = 0; i < 200; i++)
        {
            await journal.AppendAsync("s", i, [new Named(new string('x', 500))], Cancellation);
        }

        await _fixture.CloseAsync();
        byte[] database = await File.ReadAllBytesAsync(_fixture.File, Cancellation);
        journal = await _fixture.OpenAsync();
        await journal.AppendAsync("t", 0, Samples.Events(1, 1), Cancellation);
        string copy = _fixture.Other("copy.db");
        database.AsSpan(database.Length / 2, 4096).Fill(0xA5);
        await File.WriteAllBytesAsync(copy, database, Cancellation);
        File.Copy(_fixture.File + "-wal", copy + "-wal");

        ClusterTransferException error = await Assert.ThrowsAsync<ClusterTransferException>(
            () => SqliteJournal.OpenAsync(copy, Samples.Types(), TimeProvider.System, Cancellation));

        Assert.Equal(Reason.DiskError, error.Reason);
        Assert.Contains(copy, error.Message, StringComparison.Ordinal);
        Assert.Contains("damaged", error.Message, StringComparison.Ordinal);
    }

    // The test program is its own victim, see CrashWriter.
    private IEnumerable<string> WriterArguments()
    {
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            yield return typeof(CrashTests).Assembly.Location;
        }

        yield return CrashWriter.Argument;
        yield return _fixture.File;
    }
}
