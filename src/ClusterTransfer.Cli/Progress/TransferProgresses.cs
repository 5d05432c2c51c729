using ClusterTransfer.Cli.Terminal;

namespace ClusterTransfer.Cli.Progress;

/// <summary>How progress is shown: <c>--progress</c>.</summary>
internal enum ProgressMode
{
    /// <summary>A display on a terminal, lines elsewhere.</summary>
    Auto,

    /// <summary>Lines everywhere.</summary>
    Plain,

    /// <summary>One JSON object a line.</summary>
    Json,

    /// <summary>Nothing.</summary>
    None,
}

/// <summary>Picks the way that fits mode and terminal.</summary>
internal static class TransferProgresses
{
    public static ITransferProgress For(CliHost host, ProgressMode mode) => mode switch
    {
        ProgressMode.None => new NoProgress(),
        ProgressMode.Json => new JsonProgress(host.Error, host.Time),
        ProgressMode.Auto when host.IsErrorTerminal => new TerminalProgress(host.Error, host.Width, host.Time, useEscapes: host.Variable("NO_COLOR") is null),
        _ => new PlainProgress(host.Error, host.Time),
    };
}
