using System.CommandLine;
using System.Globalization;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Commands;

/// <summary>What the commands about transfers take as arguments, and how it is read.</summary>
internal static class TransferArguments
{
    public static Argument<string> Id() => new("ID") { Description = "The transfer's id, or its first 4 or more characters." };

    public static Argument<string[]> Ids() => new("ID")
    {
        Description = "The transfers' ids, or their first 4 or more characters.", Arity = ArgumentArity.OneOrMore,
    };

    /// <exception cref="CliException">It is no such word.</exception>
    public static T ReadWord<T>(string text, string noun, string plural)
        where T : struct, Enum
    {
        foreach (T value in Enum.GetValues<T>())
        {
            if (string.Equals(value.ToString(), text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        string all = $"The {plural} are {string.Join(", ", Enum.GetNames<T>())}.";
        throw new CliException(
            Reason.InvalidRequest, $"'{PathText.Escape(text)}' is not {noun}.", Nearest.Of(text, Enum.GetNames<T>()) is { } near ? $"Did you mean '{near}'? {all}" : all);
    }

    public static TransferState ReadState(string text) => ReadWord<TransferState>(text, "a state of a transfer", "states");

    /// <exception cref="CliException">It is no whole number of that range.</exception>
    public static int ReadNumber(string option, string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw new CliException(Reason.InvalidRequest, $"{option} is '{PathText.Escape(text)}'.", $"Give a whole number, {least} to {most}.");

    /// <exception cref="CliException">It is no time.</exception>
    public static TimeSpan ReadDuration(string option, string text) => Units.TryParseDuration(text, out TimeSpan duration)
        ? duration
        : throw new CliException(Reason.InvalidRequest, $"{option} is '{PathText.Escape(text)}'.", "Give a time such as 30s, 5m or 2h, at most 365d.");
}
