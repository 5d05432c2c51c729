using ClusterTransfer.Benchmarks.Transfer.Data;
using ClusterTransfer.Benchmarks.Transfer.Processes;

namespace ClusterTransfer.Benchmarks.Transfer.Tools;

/// <summary>A program that copies, as people would use it for speed.</summary>
internal abstract class Tool
{
    /// <summary>As on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>What protects the bytes on the way; empty for nothing.</summary>
    public virtual string Encryption => "";

    /// <summary>What tells that the bytes arrived as they were sent; empty for nothing beyond TCP.</summary>
    public virtual string Verification => "";

    /// <summary>Programs it takes, with their Debian packages.</summary>
    public abstract IReadOnlyList<Need> Needs { get; }

    /// <summary>Copies that are not counted, before the first that is: for programs that get faster while they run.</summary>
    public virtual int WarmUps => 1;

    /// <summary>Whether it copies over a network at all.</summary>
    public virtual bool IsRemote => true;

    /// <summary>Starts its servers.</summary>
    /// <param name="stage">Both ends; ends what was started.</param>
    /// <param name="landing">The folder whose sub-folders will be destinations.</param>
    /// <param name="cancellationToken">Ends the benchmark.</param>
    /// <exception cref="BenchmarkException">It cannot run here.</exception>
    public abstract Task<ReadyTool> StartAsync(Stage stage, string landing, CancellationToken cancellationToken);
}

/// <summary>A program that a tool takes, and the Debian package it is in.</summary>
internal sealed record Need(string Program, string Package);

/// <summary>A tool whose servers run.</summary>
internal sealed record ReadyTool
{
    /// <summary>The command that makes a copy, and ends when it is done.</summary>
    public required Func<DataSet, string, Command> Copy { get; init; }

    /// <summary>Servers at the source.</summary>
    public IReadOnlyList<int> SourceServers { get; init; } = [];

    /// <summary>Servers at the destination.</summary>
    public IReadOnlyList<int> DestinationServers { get; init; } = [];

    /// <summary>Whether the command itself is the destination's end; else it only asks the servers.</summary>
    public bool CommandIsDestination { get; init; } = true;

    /// <summary>How long the transfer took by the tool's own clock, from what the command wrote.</summary>
    public Func<string, TimeSpan?> OwnClock { get; init; } = _ => null;
}
