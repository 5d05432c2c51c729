using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Progress;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Tests.Api;

namespace ClusterTransfer.Cli.Tests;

public sealed class ProgressViewTests
{
    private static readonly TransferResource Active = Samples.Active(Samples.Id);

    [Fact]
    public void Lines_At140Columns_ShowEverything() => Assert.Equal(
        [
            "[#######.......................] 25.0 %  1.00 GiB of 4.00 GiB  250/1,000 files  105 MiB/s  ETA 0:29  avg 90.6 MiB/s  retries 2",
            "Active  alpha -> beta, 4 connections  sdk/10.0.401/Roslyn/bincore/csc.dll",
        ],
        ProgressView.Lines(Active, 140));

    [Fact]
    public void Lines_At60Columns_LeaveOutTheLeast() => Assert.Equal(
        [
            "25.0 %  1.00 GiB of 4.00 GiB  250/1,000 files  105 MiB/s",
            "Active  alpha -> beta, 4 connections  ...yn/bincore/csc.dll",
        ],
        ProgressView.Lines(Active, 60));

    [Fact]
    public void Lines_WhileScanning_SayNoPercent()
    {
        string[] lines = ProgressView.Lines(Active with { Progress = Active.Progress with { ScanComplete = false } }, 120);

        Assert.StartsWith("scanning  1.00 GiB of 4.00 GiB+  250/1,000+ files", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("%", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("ETA", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_BeforeTheEnd_NeverSayHundred()
    {
        TransferResource all = Samples.Completed(Active) with { State = TransferState.Finishing };

        Assert.Contains("99.9 %", ProgressView.Lines(all, 120)[0], StringComparison.Ordinal);
        Assert.Contains("100 %", ProgressView.Lines(all with { State = TransferState.Completed }, 120)[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_WhenItWaits_SayWhy()
    {
        TransferResource waiting = Active with { State = TransferState.Negotiating, Problem = new Problem(Reason.NodeUnreachable, "Node beta is not connected."), NextRetrySeconds = 4 };

        Assert.Equal("Negotiating  waits: Node beta is not connected., next try in 0:04", ProgressView.Lines(waiting, 120)[1]);
    }

    [Fact]
    public void Lines_WhenTheNodeIsLost_SaySo() =>
        Assert.Contains("node lost, retrying", ProgressView.Lines(Active, 120, isLost: true)[1], StringComparison.Ordinal);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(20)]
    [InlineData(37)]
    [InlineData(80)]
    [InlineData(300)]
    public void Lines_FitTheWidth_WhateverTheName(int width)
    {
        string[] names = ["plain.txt", "\u6587\u4ef6/\u5927\u304d\u306a\u30d5\u30a1\u30a4\u30eb.bin", "e\u0301vil\u001b[2J\u202egnp.exe", "\U0001f600\U0001f600/x", new string('a', 5000), string.Empty];
        foreach (string name in names)
        {
            TransferResource transfer = Active with { Progress = Active.Progress with { CurrentPath = name } };
            foreach (string line in ProgressView.Lines(transfer, width))
            {
                Assert.InRange(TextWidth.Of(line), 0, Math.Max(1, width - 1));
                Assert.DoesNotContain(line, char.IsControl);
                Assert.DoesNotContain('\u202e', line);
            }
        }
    }

    [Fact]
    public void KeepEnd_CutsWholeCharacters() => Assert.Equal("...\u4ef6", TextWidth.KeepEnd("\u6587\u4ef6\u6587\u4ef6", 6));
}
