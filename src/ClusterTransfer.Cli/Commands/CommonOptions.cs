using System.CommandLine;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Progress;

namespace ClusterTransfer.Cli.Commands;

/// <summary>The options that every command knows.</summary>
internal sealed class CommonOptions
{
    /// <summary>For commands that stay with a transfer.</summary>
    public static Option<bool> FailOnWait() => new("--fail-on-wait") { Description = "Leave with exit code 12 when the transfer waits for space, instead of waiting with it." };

    public Option<string> Output { get; } = Choice("--output", "-o", "How results are printed on standard output.", "table", "wide", "json", "jsonl", "yaml", "name");

    public Option<string?> Context { get; } = new("--context")
    {
        Description = "The context whose node, token and defaults count; 'ct context ls' lists them.", HelpName = "NAME", Recursive = true,
    };

    public Option<string?> Node { get; } = new("--node")
    {
        Description = "Address of the node to ask. Default: http://127.0.0.1:7400.", HelpName = "URL", Recursive = true,
    };

    public Option<string?> TokenFile { get; } = new("--token-file")
    {
        Description = "File with the node's token. Environment: CT_TOKEN_FILE, or CT_TOKEN for the token itself.", HelpName = "FILE", Recursive = true,
    };

    public Option<string> Progress { get; } = Choice("--progress", null, "How progress is shown on standard error.", "auto", "plain", "json", "none");

    public void AddTo(RootCommand root)
    {
        root.Add(Output);
        root.Add(Context);
        root.Add(Node);
        root.Add(TokenFile);
        root.Add(Progress);
    }

    public OutputFormat FormatOf(ParseResult parsed) => ValueOf(parsed, Output) switch
    {
        "wide" => OutputFormat.Wide,
        "json" => OutputFormat.Json,
        "jsonl" => OutputFormat.Jsonl,
        "yaml" => OutputFormat.Yaml,
        "name" => OutputFormat.Name,
        _ => OutputFormat.Table,
    };

    public ProgressMode ProgressOf(ParseResult parsed) => ValueOf(parsed, Progress) switch
    {
        "plain" => ProgressMode.Plain,
        "json" => ProgressMode.Json,
        "none" => ProgressMode.None,
        _ => ProgressMode.Auto,
    };

    /// <summary>An option with a closed set of words; the first is the default.</summary>
    public static Option<string> Choice(string name, string? alias, string description, params string[] words) =>
        new ChoiceOption(name, alias, description, words) { Recursive = true };

    // Asked also of arguments that are wrong, of which the parser gives no values.
    private static string? ValueOf(ParseResult parsed, Option<string> option) =>
        parsed.Errors.Count == 0 ? parsed.GetValue(option) : parsed.GetResult(option)?.Tokens is [{ Value: var word }] ? word : null;
}
