namespace ClusterTransfer.Cli.Settings;

/// <summary>What a command takes from environment and contexts.</summary>
internal enum SettingsNeed
{
    /// <summary>All there is, and whatever is wrong ends it.</summary>
    All,

    /// <summary>The same, but a context that does not exist is no matter: it works on contexts.</summary>
    AllButContext,

    /// <summary>What can be read; it tells itself what is wrong.</summary>
    Readable,

    /// <summary>The environment only, so that it works whatever the contexts are like.</summary>
    Environment,

    /// <summary>Nothing.</summary>
    Nothing,
}
