using System.Diagnostics;
using System.Globalization;
using ClusterTransfer.Benchmarks.Transfer.Data;
using ClusterTransfer.Benchmarks.Transfer.Processes;
using ClusterTransfer.Benchmarks.Transfer.Results;
using ClusterTransfer.Benchmarks.Transfer.Tools;

namespace ClusterTransfer.Benchmarks.Transfer;

/// <summary>Makes one copy and measures it.</summary>
internal sealed class Meter(Stage stage, DataSet data, TransferArguments arguments)
{
    private static readonly TimeSpan SampleEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(2);

    /// <summary>Copies with a tool whose servers run.</summary>
    /// <param name="tool">The tool.</param>
    /// <param name="ready">Its servers.</param>
    /// <param name="destination">An empty folder.</param>
    /// <param name="round">For the result.</param>
    /// <param name="cancellationToken">Ends the benchmark.</param>
    public async Task<CopyResult> RunAsync(Tool tool, ReadyTool ready, string destination, int round, CancellationToken cancellationToken)
    {
        Command command = ready.Copy(data, destination);

        // A node in another network is asked there, and its command line says so already.
        if (ready.CommandIsDestination)
        {
            command = command.Behind(stage.Destination.Prefix);
        }

        data.Read();
        if (arguments.Flushes)
        {
            LibC.Sync();
        }

        int[] servers = [.. ready.SourceServers, .. ready.DestinationServers];
        var source = new PeakMemory([.. ready.SourceServers]);
        var target = new PeakMemory([.. ready.DestinationServers]);
        source.Reset();
        target.Reset();
        int before = ProcessTree.Of(servers).Count;
        double serverCpu = ProcessTree.CpuSeconds(servers);
        double commandCpu = LibC.SecondsOfEndedChildren();
        double machine = ProcessorTime.MachineSeconds();
        long began = Stopwatch.GetTimestamp();
        await using RunningProcess process = RunningProcess.Start(command);
        Task<(int Code, TimeSpan Wall)> end = EndAsync(process, began, cancellationToken);
        var own = new PeakMemory(process.Id);
        bool isLate = false;
        while (!end.IsCompleted)
        {
            source.Sample();
            target.Sample();
            own.Sample();
            if (!isLate && Stopwatch.GetElapsedTime(began) > arguments.TimeLimit)
            {
                isLate = true;
                await ProcessTree.StopAsync([process.Id], TimeSpan.FromSeconds(5));
            }

            await Task.WhenAny(end, Task.Delay(SampleEvery, cancellationToken));
        }

        (int code, TimeSpan wall) = await end;
        await SettleAsync(servers, before, cancellationToken);
        source.Sample();
        target.Sample();
        double cpu = ProcessTree.CpuSeconds(servers) - serverCpu + LibC.SecondsOfEndedChildren() - commandCpu;
        double others = ProcessorTime.MachineSeconds() - machine - cpu;
        var result = new CopyResult
        {
            Tool = tool.Name,
            Round = round,
            Outcome = Outcome.Ok,
            Wall = wall,
            OwnClock = ready.OwnClock(process.Output),
            CpuSeconds = cpu,
            OtherCpuSeconds = Math.Max(0, others),
            SourceBytes = source.Bytes,
            DestinationBytes = ready.CommandIsDestination ? own.Bytes : target.Bytes,
            CommandBytes = ready.CommandIsDestination ? 0 : own.Bytes,
        };
        if (isLate)
        {
            return result with { Outcome = Outcome.TimedOut, Reason = string.Create(CultureInfo.InvariantCulture, $"not done after {arguments.TimeLimit.TotalSeconds:0} s") };
        }

        if (code != 0)
        {
            return result with { Outcome = Outcome.Failed, Reason = string.Create(CultureInfo.InvariantCulture, $"exit code {code}: {process.Tail(3)}") };
        }

        return Comparison.Difference(data, destination) is { } difference ? result with { Outcome = Outcome.Different, Reason = difference } : result;
    }

    private static async Task<(int Code, TimeSpan Wall)> EndAsync(RunningProcess process, long began, CancellationToken cancellationToken)
    {
        int code = await process.EndAsync(cancellationToken).ConfigureAwait(false);
        return (code, Stopwatch.GetElapsedTime(began));
    }

    // A server's process for one connection may end a moment after the command; its time is whole only then.
    private static async Task SettleAsync(int[] servers, int before, CancellationToken cancellationToken)
    {
        long began = Stopwatch.GetTimestamp();
        while (ProcessTree.Of(servers).Count > before && Stopwatch.GetElapsedTime(began) < SettleLimit)
        {
            await Task.Delay(5, cancellationToken);
        }
    }
}
