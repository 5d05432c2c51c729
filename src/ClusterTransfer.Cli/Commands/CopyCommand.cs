using System.CommandLine;
using ClusterTransfer.Cli.Addresses;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Terminal;
using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Commands;

/// <summary><c>ct cp</c>: submits a transfer and stays with it.</summary>
internal static class CopyCommand
{
    private const int MaxConnections = 16;
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(250);

    public static Command Create(CommandTree tree)
    {
        var source = new Argument<string>("SRC") { Description = "What to copy: location:path, or a path of this machine." };
        var destination = new Argument<string>("DST") { Description = "The folder it goes into; created if missing." };
        var name = new Option<string?>("--as") { Description = "Name of the result in that folder.", HelpName = "NAME" };
        var conflict = CommonOptions.Choice("--conflict", null, "What happens when a name is taken.", "fail", "overwrite", "skip");
        var durability = CommonOptions.Choice("--durability", null, "When a file counts as delivered.", "flushed", "received", "verified");
        var connections = new Option<string?>("--connections") { Description = "Data connections wanted, 1 to 16.", HelpName = "N" };
        var policy = CommonOptions.Choice("--connection-policy", null, "What happens when not all connections can be had: start with what connects, or fail.", "flexible", "strict");
        var limit = new Option<string?>("--limit") { Description = "Most bytes per second that are sent, such as 20M or 500kB; 'ct limit' changes it later.", HelpName = "RATE" };
        var weight = new Option<string?>("--weight")
        {
            Description = $"Its part of a limit that it shares with others, {TransferWeight.Min} to {TransferWeight.Max}: one of 20 gets twice what one of 10 gets. Default {TransferWeight.Default}.", HelpName = "N",
        };
        var detach = new Option<bool>("--detach") { Description = "Print the transfer and leave it to the cluster." };
        Option<bool> failOnWait = CommonOptions.FailOnWait();
        var key = new Option<string?>("--idempotency-key") { Description = "Makes a repeated cp harmless: the same key gives the same transfer.", HelpName = "K" };

        return tree.Remote(
            "cp",
            "Copies a file or a folder into a folder of another location.",
            "ct cp src:photos/2024 beta:archive --conflict skip",
            async (context, cancellationToken) =>
            {
                ParseResult parsed = context.Parsed;
                var addresses = new AddressReader(context.Host.CurrentFolder, () => context.Client.LocationsAsync(cancellationToken));
                var submit = new SubmitTransfer
                {
                    Connections = parsed.GetValue(connections) is { } count ? TransferArguments.ReadNumber("--connections", count, 1, MaxConnections) : null,
                    Limit = parsed.GetValue(limit) is { } rate ? TransferArguments.ReadRate("--limit", rate) : null,
                    Weight = parsed.GetValue(weight) is { } part ? TransferArguments.ReadNumber("--weight", part, TransferWeight.Min, TransferWeight.Max) : null,
                    ConnectionPolicy = Enum.Parse<ConnectionPolicy>(parsed.GetRequiredValue(policy), ignoreCase: true),
                    Source = await addresses.ReadAsync(parsed.GetRequiredValue(source)),
                    Destination = await addresses.ReadAsync(parsed.GetRequiredValue(destination)),
                    As = parsed.GetValue(name),
                    Conflict = Enum.Parse<ConflictPolicy>(parsed.GetRequiredValue(conflict), ignoreCase: true),
                    Durability = Enum.Parse<DurabilityLevel>(parsed.GetRequiredValue(durability), ignoreCase: true),
                };

                // A key of our own makes our repeats harmless, also when the user gave none.
                TransferResource transfer;
                try
                {
                    transfer = await SubmitAsync(context, submit, parsed.GetValue(key) ?? $"ct-{Guid.NewGuid():N}", cancellationToken);
                }
                catch (ClusterTransferApiException error) when (error.Reason == Reason.LocationUnknown)
                {
                    throw await LocationHint.ForAsync(context.Client, error, [submit.Source, submit.Destination], cancellationToken);
                }

                if (submit.Weight != transfer.Weight)
                {
                    context.Messages.Say($"Transfer {transfer.Id} has the weight of all others: the hub is older and knows none. Upgrade it.");
                }

                return parsed.GetValue(detach) ? Leave(context, transfer) : await TransferWatch.RunAsync(context, transfer.Id, after: 0, parsed.GetValue(failOnWait));
            },
            source, destination, name, conflict, durability, connections, policy, limit, weight, detach, failOnWait, key);
    }

    private static int Leave(CommandContext context, TransferResource transfer)
    {
        context.Results.Transfer = transfer.Id.Value;
        context.Results.Status = "accepted";
        context.Results.Write(TransferResult.Sentence(transfer, transfer.Id.Value));
        if (context.Results.IsText)
        {
            context.Messages.Say($"Transfer {transfer.Id} goes on in the cluster. Follow it with 'ct watch {transfer.Id}'.");
        }

        return 0;
    }

    private static async Task<TransferResource> SubmitAsync(CommandContext context, SubmitTransfer submit, string key, CancellationToken cancellationToken)
    {
        CliHost host = context.Host;
        long start = host.Time.GetTimestamp();
        bool mayExist = false;
        bool told = false;
        while (true)
        {
            try
            {
                return await context.Client.SubmitAsync(submit, key, cancellationToken);
            }
            catch (ClusterTransferApiException error) when (error.IsConnectionFailure)
            {
                mayExist |= error.MayHaveArrived;
                TimeSpan patience = mayExist ? host.LostAnswerPatience : host.RefusedPatience;
                if (host.Time.GetElapsedTime(start) >= patience)
                {
                    if (mayExist)
                    {
                        context.Messages.Say($"The transfer may have been accepted: repeat the command with --idempotency-key {key} to find out without starting it twice.");
                    }

                    throw;
                }

                if (!told)
                {
                    context.Messages.Say($"{error.Message} Trying again for up to {patience.TotalSeconds:0} s.");
                    told = true;
                }
            }

            await Task.Delay(RetryPause, host.Time, cancellationToken);
        }
    }
}
