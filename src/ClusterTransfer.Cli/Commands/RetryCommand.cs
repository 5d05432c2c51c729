using System.CommandLine;
using System.Globalization;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Commands;

/// <summary><c>ct retry ID...</c>, whole or, with <c>--files</c> or <c>--chunks</c>, only some files of one transfer.</summary>
internal static class RetryCommand
{
    private const int MaxShown = 5;

    public static Command Create(CommandTree tree)
    {
        Argument<string[]> ids = TransferArguments.Ids();

        // One value behind each: whatever follows that is an id, so that the flags may stand before it.
        var files = new Option<string[]>("--files")
        {
            Description = "Only this file or folder, as 'ct get' names it; give it again for more. All that were not delivered when none is named.", HelpName = "PATH", Arity = ArgumentArity.ZeroOrMore,
        };
        var chunks = new Option<string[]>("--chunks")
        {
            Description = "Only the file of this chunk, as 'ct chunks --failed' counts it; give it again for more. All that were given up when none is named.", HelpName = "INDEX", Arity = ArgumentArity.ZeroOrMore,
        };
        return tree.Remote(
            "retry",
            "Takes up again transfers that failed or were partly delivered; what was delivered stays.",
            "ct retry k3m9\nct retry k3m9 --files 2024/a.raw --files 2024/b.raw\nct retry k3m9 --chunks",
            (context, cancellationToken) =>
            {
                ParseResult parsed = context.Parsed;
                bool some = parsed.GetResult(files) is not null || parsed.GetResult(chunks) is not null;
                string[] wanted = WishCommands.ReadIds(parsed.GetRequiredValue(ids));
                if (some && wanted.Length > 1)
                {
                    throw new CliException(
                        Reason.InvalidRequest,
                        $"--files and --chunks mean files of one transfer, and several are named: {string.Join(", ", wanted.Take(MaxShown))}{(wanted.Length > MaxShown ? ", ..." : string.Empty)}.",
                        "Give each file its own flag, --files A --files B; retry transfers one by one.");
                }

                var what = new RetryTransfer
                {
                    Files = parsed.GetResult(files) is null ? null : parsed.GetValue(files) ?? [],
                    Chunks = parsed.GetResult(chunks) is null ? null : [.. (parsed.GetValue(chunks) ?? []).Select(ReadIndex)],
                };
                return WishCommands.RunAsync(
                    context,
                    wanted,
                    (client, id, token) => some ? client.RetryAsync(id, what, token) : client.RetryAsync(id, token),
                    transfer => $"Transfer {transfer.Id} is taken up again{(some ? " for some of its files" : string.Empty)}: {TransferText.StateOf(transfer)}. Follow it with 'ct watch {transfer.Id}'.",
                    cancellationToken);
            },
            ids, files, chunks);
    }

    private static long ReadIndex(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long index)
        ? index
        : throw new CliException(Reason.InvalidRequest, $"--chunks has '{PathText.Escape(text)}'.", "Give indices as 'ct chunks ID --failed' shows them, or none for all.");
}
