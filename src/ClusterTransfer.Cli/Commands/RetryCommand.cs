using System.CommandLine;
using System.Globalization;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Commands;

/// <summary><c>ct retry ID...</c>, whole or, with <c>--files</c> or <c>--chunks</c>, only some files of one transfer.</summary>
internal static class RetryCommand
{
    public static Command Create(CommandTree tree)
    {
        Argument<string[]> ids = TransferArguments.Ids();
        var files = new Option<string[]>("--files")
        {
            Description = "Only these files or folders, as 'ct get' names them; all that were not delivered when none is named.", HelpName = "PATH", Arity = ArgumentArity.ZeroOrMore, AllowMultipleArgumentsPerToken = true,
        };
        var chunks = new Option<string[]>("--chunks")
        {
            Description = "Only the files of these chunks, as 'ct chunks --failed' counts them; all that were given up when none is named.", HelpName = "INDEX", Arity = ArgumentArity.ZeroOrMore, AllowMultipleArgumentsPerToken = true,
        };
        return tree.Remote(
            "retry",
            "Takes up again transfers that failed or were partly delivered; what was delivered stays.",
            "ct retry k3m9\nct retry k3m9 --files 2024/a.raw 2024/b.raw\nct retry k3m9 --chunks",
            (context, cancellationToken) =>
            {
                ParseResult parsed = context.Parsed;
                bool some = parsed.GetResult(files) is not null || parsed.GetResult(chunks) is not null;
                string[] wanted = WishCommands.ReadIds(parsed.GetRequiredValue(ids));
                if (some && wanted.Length > 1)
                {
                    throw new CliException(Reason.InvalidRequest, "--files and --chunks mean files of one transfer, and several are named.", "Retry them one by one; ids come before the flags.");
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
