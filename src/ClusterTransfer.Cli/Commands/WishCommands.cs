using System.CommandLine;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Commands;

/// <summary><c>ct pause|resume|retry|cancel ID...</c>: each says what is wanted of some transfers; the cluster does it when it can.</summary>
internal static class WishCommands
{
    private delegate Task<TransferResource> Wish(ClusterTransferClient client, string id, CancellationToken cancellationToken);

    public static void AddTo(RootCommand root, CommandTree tree)
    {
        root.Add(Create(
            tree,
            "pause",
            "Holds transfers at the next safe point; what is on disk stays.",
            "ct pause k3m9 p7q4",
            static (client, id, token) => client.PauseAsync(id, token),
            transfer => TransferText.IsPaused(transfer)
                ? $"Transfer {transfer.Id} is paused. Go on with 'ct resume {transfer.Id}'."
                : $"Transfer {transfer.Id} is {TransferText.StateOf(transfer).ToLowerInvariant()}. See it held with 'ct wait {transfer.Id} --for paused'."));
        root.Add(Create(
            tree,
            "resume",
            "Lets paused transfers go on.",
            "ct resume k3m9",
            static (client, id, token) => client.ResumeAsync(id, token),
            transfer => $"Transfer {transfer.Id} goes on: {TransferText.StateOf(transfer)}. Follow it with 'ct watch {transfer.Id}'."));
        root.Add(Create(
            tree,
            "retry",
            "Takes up again transfers that failed or were partly delivered; what was delivered stays.",
            "ct retry k3m9",
            static (client, id, token) => client.RetryAsync(id, token),
            transfer => $"Transfer {transfer.Id} is taken up again: {TransferText.StateOf(transfer)}. Follow it with 'ct watch {transfer.Id}'."));
        root.Add(Create(
            tree,
            "cancel",
            "Asks for the end of transfers; files that are published stay.",
            "ct cancel k3m9",
            static (client, id, token) => client.CancelAsync(id, token),
            transfer => transfer.State.IsTerminal()
                ? $"Transfer {transfer.Id} has ended: {transfer.State}."
                : $"Transfer {transfer.Id} was asked to end. See the outcome with 'ct wait {transfer.Id}'."));
    }

    private static Command Create(CommandTree tree, string name, string description, string example, Wish wish, Func<TransferResource, string> told)
    {
        Argument<string[]> ids = TransferArguments.Ids();
        return tree.Remote(
            name,
            description,
            example,
            async (context, cancellationToken) =>
            {
                // All are read before the first is asked for: a mistyped id must not leave half of them done.
                string[] wanted = [.. context.Parsed.GetRequiredValue(ids).Select(CommandTree.ReadId).Distinct(StringComparer.Ordinal)];
                if (wanted.Length > 1)
                {
                    return await RunAsync(context, wanted, wish, told, cancellationToken);
                }

                TransferResource transfer = await wish(context.Client, wanted[0], cancellationToken);
                context.Results.Transfer = transfer.Id.Value;
                context.Results.Write(TransferResult.Sentence(transfer, told(transfer)));
                return 0;
            },
            ids);
    }

    private static async Task<int> RunAsync(CommandContext context, string[] ids, Wish wish, Func<TransferResource, string> told, CancellationToken cancellationToken)
    {
        using ResultStream stream = context.Results.Begin(header: null);
        Failure? gone = null;
        int failed = 0;
        foreach (string id in ids)
        {
            if (gone is not null)
            {
                // A node that does not answer is asked once, not once for each.
                Fail(id, gone with { What = $"Transfer {id} was not asked for." });
                continue;
            }

            try
            {
                TransferResource transfer = await wish(context.Client, id, cancellationToken);
                stream.Add(TransferResult.Json(transfer), () => told(transfer), transfer.Id.Value);
            }
            catch (ClusterTransferException error)
            {
                var failure = Failure.Of(error);
                gone = error is ClusterTransferApiException { IsConnectionFailure: true } ? failure : null;
                Fail(id, failure);
            }
        }

        return context.Messages.Failure?.ExitCode ?? 0;

        void Fail(string id, Failure failure)
        {
            context.Messages.Fail(failure);
            context.Results.Count("failed", ++failed);
            stream.AddProblem(id, failure);
        }
    }
}
