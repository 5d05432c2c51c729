using System.CommandLine;
using System.Globalization;
using ClusterTransfer.Cli.Commands;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Settings;

/// <summary>What a value may be, said and checked for values that are not typed behind a flag, so that a bad one is blamed on the place it stands in.</summary>
/// <param name="Wanted">What it may be, in words that follow "want".</param>
/// <param name="Read">The value as the flag takes it; null when it is none.</param>
/// <param name="Words">The words it may be, where these are few; for completion.</param>
/// <param name="IsPath">Whether it names a file or folder, so that in a file it is relative to that file.</param>
internal sealed record SettingKind(string Wanted, Func<string, string?> Read, IReadOnlyList<string> Words, bool IsPath = false)
{
    public static SettingKind Text { get; } = new("a text", static text => text.Length > 0 ? text : null, []);

    public static SettingKind File { get; } = new("a file", static text => text.Length > 0 ? text : null, [], IsPath: true);

    public static SettingKind Folder { get; } = new("a folder", static text => text.Length > 0 ? text : null, [], IsPath: true);

    public static SettingKind Address { get; } = new(
        "the address of a node such as http://127.0.0.1:7400", static text => NodeAddress.TryParse(text, out _) ? text : null, []);

    public static SettingKind Duration { get; } = new(
        "a time such as 30s, 5m or 2h, at most 365d", static text => Units.TryParseDuration(text, out _) ? text : null, []);

    public static SettingKind Rate { get; } = new(RateLimit.Wanted, static text => RateLimit.TryParse(text, out _) ? text : null, []);

    /// <summary>A time, or how long ago it was.</summary>
    public static SettingKind Time { get; } = new("how long ago, such as 30m or 7d, or a time such as 2026-03-14 or 2026-03-14T09:26:53Z", ReadTime, []);

    /// <summary>The name of a location, with or without the colon of an address.</summary>
    public static SettingKind Location { get; } = new(
        "the name of a location", static text => LocationName.TryParse(text.EndsWith(':') ? text[..^1] : text, null, out _) ? text : null, []);

    /// <summary>The name of a node.</summary>
    public static SettingKind Node { get; } = new("the name of a node", static text => NodeId.TryParse(text, null, out _) ? text : null, []);

    public static SettingKind State { get; } = OneOf(Enum.GetNames<TransferState>());

    /// <summary>One state or more, with commas between.</summary>
    public static SettingKind States { get; } = State with
    {
        Wanted = $"one or more of {string.Join(", ", Enum.GetNames<TransferState>())}, with commas between",
        Read = static text => text.Split(',').All(word => State.Read(word) is not null) ? text : null,
    };

    /// <summary>A state, or paused.</summary>
    public static SettingKind AwaitedState { get; } = OneOf([.. Enum.GetNames<TransferState>(), TransferCommands.PausedWord]);

    public static SettingKind Switch { get; } = new("true or false", ReadSwitch, ["true", "false"]);

    public static SettingKind WholeNumber(int least, int most) => new(
        $"a whole number, {least} to {most}",
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most ? text : null,
        []);

    /// <summary>A closed set of words, in any case.</summary>
    public static SettingKind OneOf(IReadOnlyList<string> words) => new(
        words.Count == 1 ? words[0] : $"{string.Join(", ", words.SkipLast(1))} or {words[^1]}",
        text => words.FirstOrDefault(word => string.Equals(word, text, StringComparison.OrdinalIgnoreCase)),
        words);

    /// <summary>What the option itself tells: a switch, one of its words, or any text.</summary>
    public static SettingKind Of(Option option)
    {
        if (option.ValueType == typeof(bool))
        {
            return Switch;
        }

        return option is ChoiceOption choice ? OneOf(choice.Words) : Text;
    }

    private static string? ReadTime(string text)
    {
        try
        {
            TransferArguments.ReadTime(string.Empty, text, TimeProvider.System);
            return text;
        }
        catch (CliException)
        {
            return null;   // the caller names the place and what is wanted
        }
    }

    private static string? ReadSwitch(string text) => text.ToLowerInvariant() switch
    {
        "true" or "yes" or "on" or "1" => "true",
        "false" or "no" or "off" or "0" => "false",
        _ => null,
    };
}
