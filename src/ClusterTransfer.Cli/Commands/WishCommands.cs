using System.CommandLine;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Terminal;
using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Commands;

/// <summary><c>ct pause|resume|retry|cancel ID...</c>: each says what is wanted of some transfers, or with <c>--all</c> of all; the cluster does it when it can.</summary>
internal static class WishCommands
{
    private const int MaxPlanned = 20;

    public static void AddTo(RootCommand root, CommandTree tree)
    {
        root.Add(Create(
            tree,
            "pause",
            "Holds transfers at the next safe point; what is on disk stays.",
            "ct pause k3m9 p7q4",
            new AllOf("Every transfer that has not ended.", transfer => transfer.Desired != DesiredState.Cancel, Question: null),
            static (client, id, token) => client.PauseAsync(id, token),
            transfer => TransferText.IsPaused(transfer)
                ? $"Transfer {transfer.Id} is paused. Go on with 'ct resume {transfer.Id}'."
                : $"Transfer {transfer.Id} is {TransferText.StateOf(transfer).ToLowerInvariant()}. See it held with 'ct wait {transfer.Id} --for paused'."));
        root.Add(Create(
            tree,
            "resume",
            "Lets paused transfers go on.",
            "ct resume k3m9",
            new AllOf("Every transfer that is paused.", transfer => transfer.Desired == DesiredState.Pause, Question: null),
            static (client, id, token) => client.ResumeAsync(id, token),
            transfer => transfer.Problem?.Reason == Reason.QueuePaused
                ? $"Transfer {transfer.Id} is not paused any more, but waits: the queue is. Let all go on with 'ct queue resume'."
                : $"Transfer {transfer.Id} goes on: {TransferText.StateOf(transfer)}. Follow it with 'ct watch {transfer.Id}'."));
        root.Add(RetryCommand.Create(tree));
        root.Add(LimitCommand.Create(tree));
        root.Add(Create(
            tree,
            "cancel",
            "Asks for the end of transfers; files that are published stay.",
            "ct cancel k3m9",
            new AllOf("Every transfer that has not ended; asks first.", _ => true, "Cancel all of these?"),
            static (client, id, token) => client.CancelAsync(id, token),
            transfer => transfer.State.IsTerminal()
                ? $"Transfer {transfer.Id} has ended: {transfer.State}."
                : $"Transfer {transfer.Id} was asked to end. See the outcome with 'ct wait {transfer.Id}'."));
    }

    /// <summary>The ids in an argument, each once. All are read before the first is asked for: a mistyped id must not leave half of them done.</summary>
    /// <exception cref="ClusterTransferException">One cannot be an id.</exception>
    public static string[] ReadIds(IEnumerable<string> texts) => [.. texts.Select(CommandTree.ReadId).Distinct(StringComparer.Ordinal)];

    /// <summary>Asks for each in turn and tells what came of it.</summary>
    public static async Task<int> RunAsync(
        CommandContext context, string[] ids, Func<ClusterTransferClient, string, CancellationToken, Task<TransferResource>> wish, Func<TransferResource, string> told, CancellationToken cancellationToken)
    {
        if (ids.Length != 1)
        {
            return await RunEachAsync(context, ids, isAll: false, wish, told, cancellationToken);
        }

        TransferResource transfer = await wish(context.Client, ids[0], cancellationToken);
        context.Results.Transfer = transfer.Id.Value;
        context.Results.Write(TransferResult.Sentence(transfer, told(transfer)));
        return 0;
    }

    private static Command Create(
        CommandTree tree,
        string name,
        string description,
        string example,
        AllOf allOf,
        Func<ClusterTransferClient, string, CancellationToken, Task<TransferResource>> wish,
        Func<TransferResource, string> told)
    {
        Argument<string[]> ids = TransferArguments.Ids();
        ids.Arity = ArgumentArity.ZeroOrMore;   // none with --all
        var all = new Option<bool>("--all") { Description = allOf.Description };
        var yes = new Option<bool>("--yes") { Description = allOf.Question is null ? "Taken for scripts; nothing is asked." : "Do not ask." };
        return tree.Remote(
            name,
            description,
            $"{example}\nct {name} --all{(allOf.Question is null ? string.Empty : " --yes")}",
            async (context, cancellationToken) =>
            {
                string[] wanted = ReadIds(context.Parsed.GetValue(ids) ?? []);
                bool isAll = context.Parsed.GetValue(all);
                if (isAll == (wanted.Length > 0))
                {
                    throw new CliException(
                        Reason.InvalidRequest,
                        isAll ? "Ids are named, and --all." : $"'ct {name}' needs ID.",
                        isAll ? "Give one or the other." : "Give the ids of transfers, which 'ct ls' lists, or --all.");
                }

                return isAll
                    ? await RunAllAsync(context, allOf, context.Parsed.GetValue(yes), wish, told, cancellationToken)
                    : await RunAsync(context, wanted, wish, told, cancellationToken);
            },
            ids, all, yes);
    }

    private static async Task<int> RunAllAsync(
        CommandContext context,
        AllOf allOf,
        bool isSure,
        Func<ClusterTransferClient, string, CancellationToken, Task<TransferResource>> wish,
        Func<TransferResource, string> told,
        CancellationToken cancellationToken)
    {
        if (allOf.Question is not null && !isSure && (!Question.IsPossible(context.Host) || context.Messages.AreJson))
        {
            throw new CliException(Reason.InvalidRequest, "There is nobody to ask whether that is meant.", "Say --yes.");
        }

        var open = new TransferListQuery { States = [.. Enum.GetValues<TransferState>().Where(state => !state.IsTerminal())], Sort = TransferSort.OldestFirst, Limit = TransferListQuery.MaxLimit };
        List<TransferResource> found = [];
        await foreach (TransferResource transfer in context.Client.ListAsync(open, cancellationToken))
        {
            if (allOf.Fits(transfer))
            {
                found.Add(transfer);
            }
        }

        if (found.Count > 0 && allOf.Question is { } question && !isSure && !await ConfirmAsync(context, found, question))
        {
            context.Messages.Say("Nothing was done.");
            return Reason.Cancelled.Info().ExitCode;
        }

        if (found.Count == 0)
        {
            context.Messages.Say("There is no such transfer.");
        }

        return await RunEachAsync(context, [.. found.Select(transfer => transfer.Id.Value)], isAll: true, wish, told, cancellationToken);
    }

    private static Task<bool> ConfirmAsync(CommandContext context, List<TransferResource> found, string question)
    {
        foreach (TransferResource transfer in found.Take(MaxPlanned))
        {
            context.Messages.Say($"{transfer.Id}  {TransferText.StateOf(transfer)}, {TransferText.Done(transfer)}, {transfer.Source} to {transfer.Destination}");
        }

        if (found.Count > MaxPlanned)
        {
            context.Messages.Say($"and {found.Count - MaxPlanned} more");
        }

        return Question.ConfirmAsync(context.Host, question);
    }

    private static async Task<int> RunEachAsync(
        CommandContext context,
        string[] ids,
        bool isAll,
        Func<ClusterTransferClient, string, CancellationToken, Task<TransferResource>> wish,
        Func<TransferResource, string> told,
        CancellationToken cancellationToken)
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
                // Of all transfers some may end while the others are asked for, and nobody has named them.
                if (isAll && error.Reason == Reason.WrongState && await EndedAsync(context, id, cancellationToken) is { } ended)
                {
                    stream.Add(TransferResult.Json(ended), () => $"Transfer {ended.Id} has ended: {ended.State}.", ended.Id.Value);
                    continue;
                }

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

    private static async Task<TransferResource?> EndedAsync(CommandContext context, string id, CancellationToken cancellationToken)
    {
        try
        {
            TransferResource now = await context.Client.GetAsync(id, cancellationToken);
            return now.State.IsTerminal() ? now : null;
        }
        catch (ClusterTransferException)
        {
            return null;   // the refusal that led here is told
        }
    }

    /// <summary>What <c>--all</c> means for a verb.</summary>
    /// <param name="Description">For the help.</param>
    /// <param name="Fits">Whether a transfer that has not ended is meant.</param>
    /// <param name="Question">What is asked before; null where nothing is lost by it.</param>
    private sealed record AllOf(string Description, Func<TransferResource, bool> Fits, string? Question);
}
