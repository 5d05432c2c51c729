using ClusterTransfer.Model;
using ClusterTransfer.Storage.Outgoing;

namespace ClusterTransfer.Storage.Tests.Outgoing;

/// <summary>Files that were given up because of a chunk are remembered with the evidence.</summary>
public sealed class ParkedTests : IDisposable
{
    private static readonly DateTimeOffset At = new(2026, 2, 28, 12, 34, 56, 789, TimeSpan.Zero);

    private readonly OutgoingFixture _fixture = new();

    public ParkedTests() => _fixture.Files.MakeFile("d/a"u8, "1"u8);

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Park_OpenedAgain_KnowsEveryFieldInOrder()
    {
        FileIssue first = Issue("d/größe", 17);
        FileIssue second = Issue("d/b", uint.MaxValue) with { Chunk = Issue("d/b", uint.MaxValue).Chunk! with { Actual = string.Empty, FirstAt = null } };
        using (OutgoingTransfer transfer = _fixture.OpenScanned("d"))
        {
            Assert.Empty(transfer.ParkedIssues);
            transfer.Park([first]);
            transfer.Park([second, Issue("d/c", 3)]);
        }

        using OutgoingTransfer again = _fixture.Open("d");

        Assert.Equal([first, second, Issue("d/c", 3)], again.ParkedIssues);
        Assert.Empty(again.ScanIssues);
    }

    [Fact]
    public void Park_KilledWhileItWasWritten_KeepsWhatWasWhole()
    {
        using (OutgoingTransfer transfer = _fixture.OpenScanned("d"))
        {
            transfer.Park([Issue("d/a", 1)]);
            transfer.Park([Issue("d/b", 2)]);
        }

        byte[] bytes = File.ReadAllBytes(LogOf(0));
        for (int length = bytes.Length - 1; length >= bytes.Length / 2; length -= 13)
        {
            File.WriteAllBytes(LogOf(0), bytes[..length]);
            using OutgoingTransfer again = _fixture.Open("d");
            Assert.Equal([Issue("d/a", 1)], again.ParkedIssues);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Open_HigherRound_BeginsWithoutAny(bool rescan)
    {
        using (OutgoingTransfer transfer = _fixture.OpenScanned("d"))
        {
            transfer.Park([Issue("d/a", 1)]);
        }

        using (OutgoingTransfer retried = Open(2, rescan))
        {
            Assert.Empty(retried.ParkedIssues);
            retried.Park([Issue("d/b", 2)]);
        }

        // Whoever does not say which round it is gets the one in force, as the report of a node without a session does.
        using OutgoingTransfer again = _fixture.Open("d");
        Assert.Equal([Issue("d/b", 2)], again.ParkedIssues);
        Assert.False(File.Exists(LogOf(0)));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(17)]
    [InlineData(60)]
    public void Open_DamagedInTheMiddle_IsRefused(int at)
    {
        using (OutgoingTransfer transfer = _fixture.OpenScanned("d"))
        {
            transfer.Park([Issue("d/a", 1)]);
            transfer.Park([Issue("d/b", 2)]);
        }

        byte[] bytes = File.ReadAllBytes(LogOf(0));
        bytes[at] ^= 4;
        File.WriteAllBytes(LogOf(0), bytes);

        Assert.Equal(Reason.DiskError, Assert.Throws<ClusterTransferException>(() => _fixture.Open("d")).Reason);
        using OutgoingTransfer retried = Open(1, rescan: false);
        Assert.Empty(retried.ParkedIssues);
    }

    private OutgoingTransfer Open(int round, bool rescan) => _fixture.Open("d", options: OutgoingFixture.Options with { Round = round, Rescan = rescan });

    private string LogOf(int round) => Path.Combine(_fixture.StateFolder, round == 0 ? "parked.log" : $"parked-{round}.log");

    private static FileIssue Issue(string path, uint chunk) => new(path, FileState.Parked, new Problem(Reason.ChunkCorrupt, $"Chunk {chunk} was refused 8 times."))
    {
        Chunk = new ParkedChunk(chunk, 1L << 40, 8, new string('a', 64), new string('b', 64), 3, "beta", At, At - TimeSpan.FromMinutes(2)),
    };
}
