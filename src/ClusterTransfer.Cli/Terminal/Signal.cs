namespace ClusterTransfer.Cli.Terminal;

/// <summary>What asked this process to end.</summary>
internal enum Signal
{
    /// <summary>Ctrl-C.</summary>
    Interrupt,

    /// <summary>SIGTERM.</summary>
    Terminate,
}
