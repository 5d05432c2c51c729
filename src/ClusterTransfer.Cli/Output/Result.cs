using System.Text.Json;

namespace ClusterTransfer.Cli.Output;

/// <summary>One result in every form it can be printed in; only the one asked for is made.</summary>
internal sealed record Result
{
    /// <summary>The whole result as one document with <c>schemaVersion</c>.</summary>
    public required Func<JsonElement> Document { get; init; }

    /// <summary>The resources of the document, each for a line of its own; null when the document is the one resource.</summary>
    public Func<IEnumerable<JsonElement>>? Lines { get; init; }

    /// <summary>Prints it for people; true asks for everything that is known.</summary>
    public required Action<TextWriter, bool> Text { get; init; }

    /// <summary>Ids or names; a command whose result has none does not offer the format.</summary>
    public Func<IEnumerable<string>> Names { get; init; } = () => [];
}
