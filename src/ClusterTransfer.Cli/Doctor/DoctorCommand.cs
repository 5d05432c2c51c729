using System.CommandLine;
using ClusterTransfer.Cli.Commands;
using ClusterTransfer.Cli.Contexts;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Settings;
using ClusterTransfer.Cli.Terminal;
using ClusterTransfer.Client;

namespace ClusterTransfer.Cli.Doctor;

/// <summary><c>ct doctor</c>: looks at everything between this user and a working cluster, and says what to type.</summary>
internal static class DoctorCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static Command Create(CommandTree tree) => tree.OffersNoNames(tree.Needs(SettingsNeed.Readable, tree.Local(
        "doctor",
        "Checks settings, token, node, cluster and this machine, and says what to type. Exits with 0 unless a check fails.",
        "ct doctor\nct doctor --context lab -o json",
        async (_, cancellationToken) =>
        {
            List<Check> checks = [.. SettingsChecks.Of(tree)];
            (Token? token, Check ofToken) = SettingsChecks.TokenOf(tree);
            checks.Add(ofToken);
            Uri? address = AddressOf(tree, checks);
            if (address is not null)
            {
                checks.AddRange(await AskAsync(tree.Host, address, token, cancellationToken));
            }

            checks.AddRange(new MachineChecks(tree.Host.ProcFolder).Of(address is { IsLoopback: true }));
            Failure? worst = null;
            foreach (Check check in checks)
            {
                worst = check.Failure is { } failure && failure.IsWorseThan(worst) ? failure : worst;
            }

            int exitCode = worst?.ExitCode ?? 0;
            tree.Results.Problem = worst;
            tree.Results.Write(DoctorResult.Of(checks, exitCode));
            return exitCode;
        })));

    private static Uri? AddressOf(CommandTree tree, List<Check> checks)
    {
        // With a part unread the default would be a guess, and a token would go there.
        if (tree.SettingsProblems.Count > 0 && tree.Settings.Find(SettingsTable.Node) is null)
        {
            checks.Add(Check.Skip("node", "Which one is meant cannot be told; see settings."));
            return null;
        }

        try
        {
            return ClientSettings.NodeOf(tree.Settings);
        }
        catch (CliException error)
        {
            checks.Add(Check.Fail("node", error));
            return null;
        }
    }

    private static async Task<IReadOnlyList<Check>> AskAsync(CliHost host, Uri address, Token? token, CancellationToken cancellationToken)
    {
        await using var client = new ClusterTransferClient(new ClientOptions { Address = address, Token = token?.Text, TimeProvider = host.Time, RequestTimeout = Patience });
        return await new NodeChecks(client, address, token, host.Time, ClusterCommands.OwnVersion).RunAsync(cancellationToken);
    }
}
