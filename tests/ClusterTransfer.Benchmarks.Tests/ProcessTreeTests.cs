using System.Globalization;
using ClusterTransfer.Benchmarks.Transfer;
using ClusterTransfer.Benchmarks.Transfer.Processes;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Benchmarks.Tests;

public sealed class ProcessTreeTests
{
    [Fact]
    public async Task Dispose_EndsAProcessAndItsChildren()
    {
        RunningProcess shell = RunningProcess.Start(new Command("/bin/sh", "-c", "sleep 600 & echo $!; trap '' TERM; wait"));
        await Stage.UntilAsync(shell, () => Task.FromResult(shell.Output.Length > 0), TestContext.Current.CancellationToken);
        int id = shell.Id;
        int child = int.Parse(shell.Output, CultureInfo.InvariantCulture);
        Assert.Equal([id, child], ProcessTree.Of([shell.Id]).Select(process => process.Id));

        // SIGTERM does not move the shell; what is left after the patience is killed.
        await ProcessTree.StopAsync([shell.Id], TimeSpan.Zero);
        await shell.DisposeAsync().AsTask().WithinDeadline();

        Assert.True(ProcessStat.Read(child) is null or { IsZombie: true });
        Assert.Null(ProcessStat.Read(id));
    }

    [Fact]
    public async Task Stop_EndsWhatTheRootLeftBehind()
    {
        await using RunningProcess shell = RunningProcess.Start(new Command("/bin/sh", "-c", "sleep 600 & echo up; wait"));
        await Stage.UntilAsync(shell, () => Task.FromResult(shell.Output.Length > 0), TestContext.Current.CancellationToken);

        // The shell ends at SIGTERM and does not tell its child.
        await ProcessTree.StopAsync([shell.Id], patience: TimeSpan.FromHours(1)).WithinDeadline();
    }

    [Fact]
    public async Task CpuSeconds_CountChildrenThatWereWaitedFor()
    {
        // 50 ms of work at least, in a child that is over when the shell says so: its time is in the shell's.
        const string work = "(i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done); echo done; read line < /dev/zero";
        await using RunningProcess shell = RunningProcess.Start(new Command("/bin/sh", "-c", work));
        await Stage.UntilAsync(shell, () => Task.FromResult(shell.Output.Length > 0), TestContext.Current.CancellationToken);

        Assert.True(ProcessTree.CpuSeconds([shell.Id]) > 0);
    }

    [Fact]
    public async Task EndedChildren_AreCounted()
    {
        double before = LibC.SecondsOfEndedChildren();

        await RunningProcess.CallAsync(new Command("/bin/sh", "-c", "i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done"), TestContext.Current.CancellationToken);

        Assert.True(LibC.SecondsOfEndedChildren() > before);
    }

    [Fact]
    public async Task Call_ThatFails_TellsWhatWasSaid()
    {
        BenchmarkException error = await Assert.ThrowsAsync<BenchmarkException>(
            () => RunningProcess.CallAsync(new Command("/bin/sh", "-c", "echo no such thing >&2; exit 3"), TestContext.Current.CancellationToken));

        Assert.Contains("ended with 3: no such thing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_OfNoProgram_SaysSo() => Assert.Throws<BenchmarkException>(() => RunningProcess.Start(new Command("no-such-program-here")));

    [Fact]
    public async Task PeakMemory_IsThatOfTheTree()
    {
        await using RunningProcess shell = RunningProcess.Start(new Command("/bin/sh", "-c", "sleep 600 & echo up; wait"));
        await Stage.UntilAsync(shell, () => Task.FromResult(shell.Output.Length > 0), TestContext.Current.CancellationToken);
        var alone = new PeakMemory(ProcessTree.Of([shell.Id])[1].Id);
        var tree = new PeakMemory(shell.Id);
        alone.Sample();
        tree.Sample();

        Assert.InRange(alone.Bytes, 1, tree.Bytes - 1);
    }
}
