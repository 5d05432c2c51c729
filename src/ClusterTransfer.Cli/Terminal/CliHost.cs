using ClusterTransfer.Cli.Commands;

namespace ClusterTransfer.Cli.Terminal;

/// <summary>Everything the commands need of the world around them, so that tests can give them another one.</summary>
internal sealed record CliHost
{
    /// <summary>Standard output: results.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Standard error: progress, events, errors.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Standard input, for the one question that is asked.</summary>
    public required TextReader In { get; init; }

    /// <summary>Reads a line from the terminal without showing it; null when the input ends.</summary>
    public Func<string?> ReadSecret { get; init; } = static () => null;

    /// <summary>Whether a person can answer on standard input.</summary>
    public bool IsInputTerminal { get; init; }

    /// <summary>Whether standard error is a terminal that understands cursor movement.</summary>
    public bool IsErrorTerminal { get; init; }

    /// <summary>Width of that terminal in columns now.</summary>
    public Func<int> Width { get; init; } = () => 80;

    /// <summary>Columns that help may take on standard output.</summary>
    public Func<int> OutputWidth { get; init; } = () => int.MaxValue;

    /// <summary>An environment variable; null when it is not set or empty.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>An environment variable as a node would see it: an empty one is empty. Null: as <see cref="Variable"/> has it.</summary>
    public Func<string, string?>? NodeVariable { get; init; }

    /// <summary>What plain paths are relative to.</summary>
    public required string CurrentFolder { get; init; }

    /// <summary>Where the kernel tells of itself.</summary>
    public string ProcFolder { get; init; } = "/proc";

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Ctrl-C and SIGTERM.</summary>
    public required Signals Signals { get; init; }

    /// <summary>Runs the node in this process.</summary>
    public required NodeRunner RunNode { get; init; }

    /// <summary>How long a submit is tried again when no connection can be made; nothing was sent, so this only bridges a restart.</summary>
    public TimeSpan RefusedPatience { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a submit is tried again when the answer was lost: the transfer may exist, and its key makes asking again safe.</summary>
    public TimeSpan LostAnswerPatience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long after Ctrl-C a second one asks about cancelling.</summary>
    public TimeSpan SecondInterruptWindow { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The process's own.</summary>
    public static CliHost OfProcess(Signals signals)
    {
        // The two are told apart so that 'ct cp ... > file' still shows progress.
        bool isTerminal = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        return new CliHost
        {
            Out = Console.Out,
            Error = Console.Error,
            In = Console.In,
            ReadSecret = SecretInput.ReadLine,
            IsInputTerminal = !Console.IsInputRedirected,
            IsErrorTerminal = isTerminal,
            Width = () => isTerminal && Console.WindowWidth is > 0 and int width ? width : 80,
            OutputWidth = () => !Console.IsOutputRedirected && Console.WindowWidth is > 0 and int width ? width : int.MaxValue,
            Variable = name => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null,
            NodeVariable = Environment.GetEnvironmentVariable,
            CurrentFolder = Environment.CurrentDirectory,
            Signals = signals,
            RunNode = NodeRunners.OfThisBuild,
        };
    }
}
