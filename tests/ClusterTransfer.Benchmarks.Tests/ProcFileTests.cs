using ClusterTransfer.Benchmarks.Transfer.Processes;

namespace ClusterTransfer.Benchmarks.Tests;

public sealed class ProcFileTests
{
    [Fact]
    public void Stat_OfANameWithBracketsAndBlanks_IsUnderstood()
    {
        // user 150, system 50, waited-for children 20 and 10.
        const string line = "4711 (a) b (c) S 12 4711 4711 0 -1 4194304 1 2 3 4 150 50 20 10 20 0 8 0 987654 1000 200";

        ProcessStat stat = ProcessStat.Parse(line, ticksPerSecond: 100);

        Assert.Equal(new ProcessStat(4711, 12, IsZombie: false, CpuSeconds: 2.3, StartTicks: 987654), stat);
    }

    [Fact]
    public void MachineTime_LeavesOutIdleWaitingAndStolenTime() =>
        Assert.Equal((100 + 10 + 200 + 5 + 15) / 100.0, ProcessorTime.Parse("cpu  100 10 200 9999 888 5 15 777 66 6", ticksPerSecond: 100));

    [Fact]
    public void Stat_OfThisProcess_IsRead()
    {
        ProcessStat? self = ProcessStat.Read(Environment.ProcessId);

        Assert.NotNull(self);
        Assert.True(self.Value.CpuSeconds > 0);
    }

    [Fact]
    public void Stat_OfNoProcess_IsNull() => Assert.Null(ProcessStat.Read(int.MaxValue));
}
