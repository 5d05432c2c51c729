using System.CommandLine;
using ClusterTransfer.Cli.Contexts;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Terminal;

namespace ClusterTransfer.Cli.Settings;

/// <summary>Environment and contexts of the user. The contexts are read aside, while the verbs are made: most starts have none, and the others should not notice.</summary>
internal sealed class SettingsSource
{
    private readonly CliHost _host;
    private readonly Task<ContextsFile?> _contexts;

    public SettingsSource(CliHost host)
    {
        _host = host;
        _contexts = ContextsFolder.Find(host) is not { } folder ? Task.FromResult<ContextsFile?>(null)
            : File.Exists(folder.File) ? Task.Run<ContextsFile?>(() => ContextsFile.Load(folder.File, name => host.Variable(name)))
            : Task.FromResult<ContextsFile?>(ContextsFile.Missing(folder.File));
    }

    /// <summary>How the flags of a line are.</summary>
    /// <param name="typed">The line alone; it may be wrong otherwise.</param>
    /// <param name="withContexts">Whether the contexts are asked.</param>
    /// <param name="problems">Takes what cannot be read, which then counts as not said.</param>
    public async Task<ResolvedSettings> ResolveAsync(ParseResult typed, bool withContexts, List<CliException> problems)
    {
        ContextsFile? contexts = null;
        try
        {
            contexts = withContexts ? await _contexts : null;
        }
        catch (CliException problem)
        {
            problems.Add(problem);
        }

        return ResolvedSettings.Of(typed, new SettingsLookup(_host, contexts), problems);
    }
}
