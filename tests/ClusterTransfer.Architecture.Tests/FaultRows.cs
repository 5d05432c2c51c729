using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ClusterTransfer.Architecture.Tests;

/// <summary>What names a row of docs/faults.md: tests by <c>[Trait("row", "D13")]</c>, scenarios of the proving ground, rows of the simulator. Read from the sources.</summary>
internal static partial class FaultRows
{
    /// <summary>Heading of the part of docs/faults.md that is written from the sources.</summary>
    public const string Heading = "## 6. What proves it";

    private const string Scenarios = "tests/ClusterTransfer.Chaos/Scenarios/AllScenarios.cs";
    private const string Samples = "tests/ClusterTransfer.Chaos/ProvingGroundTests.cs";
    private const string Simulated = "tests/ClusterTransfer.Simulation/Faults/Catalogue.cs";

    /// <summary>docs/faults.md.</summary>
    public static string Document => Path.Combine(Repository.Root, "docs", "faults.md");

    /// <summary>Every row of the tables of faults and attacks, in their order.</summary>
    public static IReadOnlyList<string> Documented { get; } = [.. RowOfATable().Matches(Before(File.ReadAllText(Document))).Select(match => match.Groups[1].Value)];

    /// <summary>Rows with the tests that name them.</summary>
    public static ILookup<string, NamedTest> Tests { get; } = Directory.GetDirectories(Path.Combine(Repository.Root, "tests"))
        .SelectMany(Repository.Files)
        .Where(file => file.EndsWith(".cs", StringComparison.Ordinal) && !file.Contains("ClusterTransfer.Architecture.Tests", StringComparison.Ordinal))
        .SelectMany(file => Read(File.ReadAllText(file)).Select(found => (found.Row, Test: new NamedTest(ProjectOf(file), found.Class, found.Method))))
        .ToLookup(found => found.Row, found => found.Test);

    /// <summary>Rows with the scenarios of <c>scripts/chaos.sh</c> that say they prove them, and whether a test plays a sample of that scenario.</summary>
    public static ILookup<string, (string Name, bool IsSampled)> Played { get; } = ReadScenarios();

    /// <summary>Rows that the simulator draws.</summary>
    public static IReadOnlySet<string> Drawn { get; } =
        RowOfTheSimulator().Matches(File.ReadAllText(Path.Combine(Repository.Root, Simulated))).Select(match => match.Groups[1].Value).ToHashSet();

    /// <summary>Whether a test that runs names the row.</summary>
    public static bool IsNamed(string row) => Tests.Contains(row) || Played[row].Any(scenario => scenario.IsSampled);

    /// <summary>The text up to the generated part.</summary>
    public static string Before(string document)
    {
        int at = document.IndexOf(Heading, StringComparison.Ordinal);
        return at < 0 ? document.TrimEnd() + "\n\n" : document[..at];
    }

    /// <summary>The generated part.</summary>
    /// <param name="rows">Rows to list.</param>
    public static string Render(IEnumerable<string> rows)
    {
        var text = new StringBuilder(Heading).Append("""


            Written from the sources by `FaultRowTests`, which fails when it is out of date and rewrites it with `CLUSTERTRANSFER_WRITE=1`. The tests of a row:
            `dotnet run --project tests/ClusterTransfer.Storage.Tests -- -trait row=D13`. A scenario is played by `scripts/chaos.sh run NAME`; a test plays a sample of those
            without a star. *Simulated* rows are drawn by the simulator, whose run of 5,000 seeds fails unless every one of them has happened.

            | Row | Tests that name it | Scenarios | Simulated |
            |---|---|---|---|

            """);
        foreach (string row in rows)
        {
            string tests = string.Join("; ", Tests[row].GroupBy(test => test.Project).OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => $"{group.Key}: {string.Join(", ", group.Select(test => test.Class).Distinct().Order(StringComparer.Ordinal))}"));
            string scenarios = string.Join(", ", Played[row].Select(scenario => $"`{scenario.Name}`{(scenario.IsSampled ? string.Empty : "*")}"));
            text.Append(CultureInfo.InvariantCulture, $"| {row} | {(tests.Length == 0 ? "–" : tests)} | {scenarios} | {(Drawn.Contains(row) ? "yes" : string.Empty)} |\n");
        }

        return text.ToString();
    }

    /// <summary>Each trait in a source file with what it stands on. The method is null when it stands on a class.</summary>
    /// <exception cref="FormatException">A trait stands on nothing that is a test.</exception>
    public static IEnumerable<(string Row, string Class, string? Method)> Read(string source)
    {
        string? type = null;
        List<string> rows = [];
        bool isTest = false;
        foreach (string line in source.Split('\n').Select(line => line.Trim()))
        {
            rows.AddRange(RowTrait().Matches(line).Select(match => match.Groups[1].Value));
            isTest |= TestAttribute().IsMatch(line);
            if (TypeDeclaration().Match(line) is { Success: true } declared)
            {
                type = declared.Groups[1].Value;
                foreach (string row in rows)
                {
                    yield return (row, type, null);
                }

                (rows, isTest) = ([], false);
            }
            else if (MethodDeclaration().Match(line) is { Success: true } method)
            {
                if (rows.Count > 0 && (!isTest || type is null))
                {
                    throw new FormatException($"{method.Groups[1].Value} names a row and is no test that runs.");
                }

                foreach (string row in rows)
                {
                    yield return (row, type!, method.Groups[1].Value); // checked above
                }

                (rows, isTest) = ([], false);
            }
        }

        if (rows.Count > 0)
        {
            throw new FormatException($"A trait of row {rows[0]} stands on nothing.");
        }
    }

    private static string ProjectOf(string file) =>
        Path.GetRelativePath(Path.Combine(Repository.Root, "tests"), file).Split(Path.DirectorySeparatorChar)[0]["ClusterTransfer.".Length..].Replace(".Tests", string.Empty, StringComparison.Ordinal);

    private static ILookup<string, (string Name, bool IsSampled)> ReadScenarios()
    {
        HashSet<string> sampled = [.. Sample().Matches(File.ReadAllText(Path.Combine(Repository.Root, Samples))).Select(match => match.Groups[1].Value)];
        return ScenarioRows().Matches(File.ReadAllText(Path.Combine(Repository.Root, Scenarios)))
            .SelectMany(match => match.Groups[2].Value.Split(' ').Select(row => (Row: row, Name: match.Groups[1].Value)))
            .ToLookup(found => found.Row, found => (found.Name, sampled.Contains(found.Name)));
    }

    [GeneratedRegex(@"^\| ([A-Z]\d+) \|", RegexOptions.Multiline)]
    private static partial Regex RowOfATable();

    [GeneratedRegex(@"Trait\(""row"", ""([^""]+)""\)")]
    private static partial Regex RowTrait();

    // One that is always skipped proves nothing.
    [GeneratedRegex(@"\[(?:Fact|Theory)\b(?!.*\bSkip\s*=)")]
    private static partial Regex TestAttribute();

    [GeneratedRegex(@"^(?:public|internal)\s+(?:(?:sealed|abstract|partial|static)\s+)*class\s+(\w+)")]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"^public\s+(?:async\s+)?(?:void|Task|ValueTask)\s+(\w+)\(")]
    private static partial Regex MethodDeclaration();

    [GeneratedRegex(@"new\(""([a-z-]+)"", ""([A-Z][\w -]*)"",")]
    private static partial Regex ScenarioRows();

    [GeneratedRegex(@"\[InlineData\(""([a-z-]+)"", \d+\)\]")]
    private static partial Regex Sample();

    [GeneratedRegex(@"^\s*\(""([A-Z]\d+)"", ""[^""]*"", \w+\.\w+\)", RegexOptions.Multiline)]
    private static partial Regex RowOfTheSimulator();
}

/// <summary>A test that names a row.</summary>
/// <param name="Project">Without prefix and suffix.</param>
/// <param name="Class">Of the test.</param>
/// <param name="Method">Null when all of the class do.</param>
internal sealed record NamedTest(string Project, string Class, string? Method);
