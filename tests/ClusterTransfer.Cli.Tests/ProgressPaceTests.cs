using System.Text.Json;
using ClusterTransfer.Cli.Progress;
using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Tests.Api;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Cli.Tests;

/// <summary>How often progress is shown: at most ten times a second, and the last state always.</summary>
public sealed class ProgressPaceTests : IDisposable
{
    private static readonly TransferResource Active = Samples.Active(Samples.Id);

    private readonly VirtualTime _time = new(Samples.Start);
    private readonly StringWriter _error = new() { NewLine = "\n" };

    public void Dispose() => _error.Dispose();

    [Fact]
    public void Json_OfABurst_IsTheFirstAndTheLast()
    {
        using var progress = new JsonProgress(_error, _time);
        for (int sent = 1; sent <= 5; sent++)
        {
            progress.Show(Passing(sent));
        }

        Assert.Equal([1], Sent());
        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Equal([1], Sent());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([1, 5], Sent());
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([1, 5], Sent());
    }

    [Fact]
    public void Json_OfASecondWithAThousandChanges_HasTenLines()
    {
        using var progress = new JsonProgress(_error, _time);
        for (int sent = 1; sent <= 1000; sent++)
        {
            progress.Show(Passing(sent));
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.InRange(Sent().Length, 10, 11);
    }

    [Fact]
    public void Json_OfTheEnd_ComesAtOnceAndOnce()
    {
        var progress = new JsonProgress(_error, _time);
        progress.Show(Passing(1));
        progress.Show(new TransferEvent(7, _time.GetUtcNow(), "completed", "Done.", Samples.Completed(Active)));
        progress.End();
        progress.Dispose();
        _time.Advance(TimeSpan.FromSeconds(10));

        JsonElement[] lines = Lines();
        Assert.Equal(2, lines.Length);
        Assert.Equal("Completed", lines[1].GetProperty("state").GetString());
        Assert.Equal(0, lines[1].GetProperty("exitCode").GetInt32());
    }

    [Fact]
    public void Json_WhenItEndsBeforeItsTime_ShowsWhatWasLeft()
    {
        var progress = new JsonProgress(_error, _time);
        progress.Show(Passing(1));
        progress.Show(Passing(2));
        progress.End();
        progress.Show(Passing(3));
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal([1, 2], Sent());
    }

    [Fact]
    public void Json_HasTheCountersOfTheApi()
    {
        using var progress = new JsonProgress(_error, _time);
        progress.Show(new TransferEvent(0, _time.GetUtcNow(), "progress", string.Empty, Active with { Problem = new Problem(Reason.NodeUnreachable, "Away.") }));

        JsonElement line = Lines().Single();
        JsonElement resource = JsonSerializer.SerializeToElement(Active with { Problem = new Problem(Reason.NodeUnreachable, "Away.") }, ApiJson.Default.TransferResource);
        Assert.Equal("progress", line.GetProperty("type").GetString());
        Assert.Equal(1, line.GetProperty("schemaVersion").GetInt32());
        Assert.True(JsonElement.DeepEquals(resource.GetProperty("id"), line.GetProperty("transfer")));
        foreach (string name in new[] { "state", "desired", "lastEvent", "currentRate", "averageRate", "peakRate", "etaSeconds", "retries", "sessions", "progress", "problem" })
        {
            Assert.True(JsonElement.DeepEquals(resource.GetProperty(name), line.GetProperty(name)), name);
        }
    }

    [Fact]
    public void Json_OfALostNode_IsALineOfItsOwn()
    {
        using var progress = new JsonProgress(_error, _time);
        progress.Show(Passing(1));
        progress.Show(new WatchNotice(WatchNoticeKind.Lost, new Problem(Reason.NodeUnreachable, "Gone\u001b."), TimeSpan.Zero));
        _time.Advance(TimeSpan.FromSeconds(3));
        progress.Show(new WatchNotice(WatchNoticeKind.Back, null, TimeSpan.FromSeconds(3)));

        JsonElement[] lines = Lines();
        Assert.Equal(["progress", "link", "link"], lines.Select(line => line.GetProperty("type").GetString()));
        Assert.Equal(["lost", "back"], lines.Skip(1).Select(line => line.GetProperty("state").GetString()));
        Assert.Equal("Gone\u001b.", lines[1].GetProperty("detail").GetString());
        Assert.Equal(3, lines[2].GetProperty("outageSeconds").GetDouble());
        Assert.DoesNotContain('\u001b', _error.ToString());
    }

    [Fact]
    public void Display_OfABurst_ShowsTheLastWhenTheTimeHasPassed()
    {
        using var progress = new TerminalProgress(_error, () => 120, _time, useEscapes: false);
        progress.Show(Passing(1L << 20));
        progress.Show(Passing(1L << 30));

        Assert.DoesNotContain("1.00 GiB of", _error.ToString(), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Contains("1.00 GiB of", _error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Display_ThatHasEnded_LeavesNothingBehind(bool useEscapes)
    {
        var progress = new TerminalProgress(_error, () => 60, _time, useEscapes);
        progress.Show(Passing(1));
        progress.Show(Passing(2));
        progress.End();
        int length = _error.ToString().Length;
        _time.Advance(TimeSpan.FromSeconds(10));
        progress.Show(Passing(3));
        progress.Dispose();

        string text = _error.ToString();
        Assert.Equal(length, text.Length);
        Assert.EndsWith(useEscapes ? "\r\u001b[1A\u001b[J" : " \r", text, StringComparison.Ordinal);
        Assert.Equal(useEscapes, text.Contains('\u001b', StringComparison.Ordinal));
    }

    [Fact]
    public void Display_WithoutEscapes_WritesOverTheWholeLine()
    {
        using var progress = new TerminalProgress(_error, () => 60, _time, useEscapes: false);
        progress.Show(Passing(1));
        string first = _error.ToString();
        progress.Show(new WatchNotice(WatchNoticeKind.Lost, null, TimeSpan.Zero));

        Assert.StartsWith($"{first}\r{new string(' ', first.Length)}\rlost the node", _error.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("\nActive  (node lost, retrying; the transfer goes on without ", _error.ToString(), StringComparison.Ordinal);
    }

    private static TransferEvent Passing(long sent) =>
        new(0, Samples.Start, "progress", string.Empty, Active with { Progress = Active.Progress with { BytesSent = sent, BytesDurable = sent } });

    private JsonElement[] Lines() => [.. _error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    private long[] Sent() => [.. Lines().Select(line => line.GetProperty("progress").GetProperty("bytesSent").GetInt64())];
}
