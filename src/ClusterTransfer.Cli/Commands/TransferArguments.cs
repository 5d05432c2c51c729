using System.CommandLine;
using System.Globalization;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Commands;

/// <summary>What the commands about transfers take as arguments, and how it is read.</summary>
internal static class TransferArguments
{
    private static readonly string[] TimeFormats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    public static Argument<string> Id() => new("ID") { Description = "The transfer's id, or its first 4 or more characters." };

    public static Argument<string[]> Ids() => new("ID")
    {
        Description = "The transfers' ids, or their first 4 or more characters.", Arity = ArgumentArity.OneOrMore,
    };

    /// <param name="text">What was typed, in any case.</param>
    /// <param name="others">Words that would have been right as well; only told.</param>
    /// <exception cref="CliException">It is no state.</exception>
    public static TransferState ReadState(string text, params string[] others)
    {
        foreach (TransferState state in Enum.GetValues<TransferState>())
        {
            if (string.Equals(state.ToString(), text, StringComparison.OrdinalIgnoreCase))
            {
                return state;
            }
        }

        string[] words = [.. Enum.GetNames<TransferState>(), .. others];
        string all = $"The states are {string.Join(", ", words)}.";
        throw new CliException(
            Reason.InvalidRequest, $"'{PathText.Escape(text)}' is not a state of a transfer.", Nearest.Of(text, words) is { } near ? $"Did you mean '{near}'? {all}" : all);
    }

    /// <exception cref="CliException">It is no whole number of that range.</exception>
    public static int ReadNumber(string option, string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw new CliException(Reason.InvalidRequest, $"{option} is '{PathText.Escape(text)}'.", $"Give a whole number, {least} to {most}.");

    /// <returns>Bytes per second; null for none.</returns>
    /// <exception cref="CliException">It is no rate that a limit may be.</exception>
    public static long? ReadRate(string option, string text) => RateLimit.TryParse(text, out long? rate)
        ? rate
        : throw new CliException(Reason.InvalidRequest, $"{option} is '{PathText.Escape(text)}'.", $"Give {RateLimit.Wanted}.");

    /// <exception cref="CliException">It is no time.</exception>
    public static TimeSpan ReadDuration(string option, string text) => Units.TryParseDuration(text, out TimeSpan duration)
        ? duration
        : throw new CliException(Reason.InvalidRequest, $"{option} is '{PathText.Escape(text)}'.", "Give a time such as 30s, 5m or 2h, at most 365d.");

    /// <summary>A time, or how long ago it was.</summary>
    /// <exception cref="CliException">It is neither.</exception>
    public static DateTimeOffset ReadTime(string option, string text, TimeProvider time) =>
        Units.TryParseDuration(text, out TimeSpan ago) ? time.GetUtcNow() - ago
        : DateTimeOffset.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset at) ? at
        : throw new CliException(
            Reason.InvalidRequest, $"{option} is '{PathText.Escape(text)}'.", "Give how long ago, such as 30m or 7d, or a time such as 2026-03-14 or 2026-03-14T09:26:53Z; without a zone it is UTC.");
}
