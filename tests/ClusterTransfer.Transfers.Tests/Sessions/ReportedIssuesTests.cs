using System.Text;
using System.Text.Json;
using ClusterTransfer.Bus;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using SessionRole = ClusterTransfer.Model.Control.SessionRole;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>A report that is larger than the bus carries never arrives, and its transfer never ends.</summary>
public sealed class ReportedIssuesTests
{
    // The longest path there can be, of bytes that are shown as escapes.
    private static readonly string LongPath = PathText.Escape([.. Enumerable.Repeat((byte)0xff, SafeRelativePath.MaxLength)]);

    [Fact]
    public void Limit_IsThatOfTheBus() => Assert.Equal(ReportedIssues.MaxBytes, new BusOptions().MaxMessageBytes);

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(3_000)]
    [InlineData(20_000)]
    public void Fit_WithLongIssues_FitsTheBusAndKeepsTheFirstThatDo(int length)
    {
        SessionEnded ended = Report(Enumerable.Range(0, 1_000).Select(i => Issue($"{i:d4}{LongPath[..Math.Min(length, LongPath.Length)]}")));

        SessionEnded fitting = ReportedIssues.Fit(ended);

        Assert.InRange(SizeOf(fitting), 1, ReportedIssues.MaxBytes);
        int kept = fitting.Issues.Count;
        Assert.Equal(ended.Issues.Take(kept), fitting.Issues);
        Assert.True(
            kept == SessionEnded.MaxIssues || SizeOf(fitting with { Issues = [.. ended.Issues.Take(kept + 1)] }) > ReportedIssues.MaxBytes,
            $"{kept} issues are kept, and one more would fit.");
    }

    [Fact]
    public void Fit_WithLongTextsEverywhere_FitsTheBus()
    {
        SessionEnded ended = Report([Issue(LongPath), Issue(LongPath)]) with
        {
            Problem = new Problem(Reason.SourceChanged, $"{LongPath}: changed"),
            Progress = new TransferProgress { CurrentPath = LongPath },
        };

        Assert.InRange(SizeOf(ReportedIssues.Fit(ended)), 1, ReportedIssues.MaxBytes);
    }

    [Fact]
    public void Fit_WithFewShortIssues_KeepsThemAndTheCounts()
    {
        SessionEnded ended = Report([Issue("a"), Issue("b")]) with { Progress = new TransferProgress { FilesParked = 2 } };

        SessionEnded fitting = ReportedIssues.Fit(ended);

        Assert.Equal(ended.Issues, fitting.Issues);
        Assert.Equal(ended.Progress, fitting.Progress);
    }

    private static SessionEnded Report(IEnumerable<FileIssue> issues) => new(Samples.Id, new Epoch(1, 1), SessionRole.Source, SessionEnd.Suspended)
    {
        Progress = new TransferProgress(),
        Issues = [.. issues],
    };

    private static FileIssue Issue(string path) => new(path, FileState.Parked, new Problem(Reason.ChunkCorrupt, "refused 8 times"))
    {
        Chunk = new ParkedChunk(1, 2, 3, Samples.SomeDigest.ToString(), Samples.SomeDigest.ToString(), 4, "b", Samples.Noon),
    };

    private static int SizeOf(SessionEnded ended) => Encoding.UTF8.GetByteCount(JsonSerializer.Serialize(ended, ControlJson.Default.BusMessage));
}
