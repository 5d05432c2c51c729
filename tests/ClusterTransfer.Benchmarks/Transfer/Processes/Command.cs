namespace ClusterTransfer.Benchmarks.Transfer.Processes;

/// <summary>A program and how it is called.</summary>
/// <param name="Program">Its name or path.</param>
/// <param name="Arguments">Each as the program gets it: no shell reads them.</param>
internal sealed record Command(string Program, params IReadOnlyList<string> Arguments)
{
    /// <summary>More environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The same behind a prefix such as <c>ip netns exec NAME</c>, which runs it in its own place.</summary>
    public Command Behind(IReadOnlyList<string> prefix) => prefix.Count == 0
        ? this
        : new Command(prefix[0], [.. prefix.Skip(1), Program, .. Arguments]) { Environment = Environment };

    /// <summary>As a person would type it.</summary>
    public override string ToString() => string.Join(' ', Arguments.Prepend(Path.GetFileName(Program)).Select(word => word.Any(char.IsWhiteSpace) ? $"'{word}'" : word));
}
