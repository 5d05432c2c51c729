using ClusterTransfer.Model;
using ClusterTransfer.Node.Configuration;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Node.Hosting;

/// <summary>A node as a process: configuration, life, exit code.</summary>
public static class NodeProgram
{
    /// <summary>Runs a node until the token fires.</summary>
    /// <param name="configurationFile">HOCON file.</param>
    /// <param name="overrides">Keys from the command line, which win over environment and file.</param>
    /// <param name="error">Where start-up problems are written.</param>
    /// <param name="stop">Ends the node in good order.</param>
    /// <returns>Exit code of <c>ct</c>.</returns>
    public static async Task<int> RunAsync(
        string configurationFile, IReadOnlyDictionary<string, string> overrides, TextWriter error, CancellationToken stop)
    {
        NodeOptions options;
        try
        {
            options = NodeConfiguration.Load(configurationFile, overrides);
        }
        catch (NodeConfigurationException problems)
        {
            await error.WriteLineAsync(problems.Message).ConfigureAwait(false);
            return Reason.InvalidRequest.Info().ExitCode;
        }

        using ILoggerFactory logs = NodeLogging.Create(options.Log.Level);
        try
        {
            await using NodeHost host = await NodeHost.StartAsync(options, logs, TimeProvider.System, stop).ConfigureAwait(false);
            await host.RunAsync(stop).ConfigureAwait(false);
            return 0;
        }
        catch (ClusterTransferException problem)
        {
            await error.WriteLineAsync($"ct: {problem.Problem.Detail} {problem.Reason.Info().Remedy}").ConfigureAwait(false);
            return problem.Reason.Info().ExitCode;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
    }
}
