using System.Text.RegularExpressions;

namespace ClusterTransfer.Architecture.Tests;

/// <summary>Planted bugs prove something only while the tests that find them know nothing of them, and while each has such a test.</summary>
public sealed partial class PlantedBugTests
{
    private static readonly string[] Planted = [.. Repository.Projects.Values.SelectMany(project => project.Sources)
        .SelectMany(file => Planting().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal)];

    private static readonly (string Bug, string Test)[] Table = [.. File.ReadLines(Path.Combine(Repository.Root, "scripts", "teet" + "h.tsv"))
        .Select(line => line.Split('\t')).Select(row => (row[0], row[1]))];

    [Fact]
    public void Tests_KnowNothingOfThem()
    {
        var known = new Regex(string.Join('|', Planted.Select(Regex.Escape).Append(Traces().ToString())));
        string[] offenders = [.. Repository.Files(Path.Combine(Repository.Root, "tests"))
            .SelectMany(file => File.ReadLines(file).Select((line, index) => (Line: line, Where: $"{Repository.Relative(file)}:{index + 1}")))
            .Where(line => known.IsMatch(line.Line))
            .Select(line => $"{line.Where}: {line.Line.Trim()}")];
        Assert.Empty(offenders);
    }

    [Fact]
    public void Each_IsInTheTableAndTheDocumentation()
    {
        Assert.InRange(Planted.Length, 12, 100);
        Assert.Equal(Planted, Table.Select(row => row.Bug).Distinct().Order(StringComparer.Ordinal));
        string documentation = File.ReadAllText(Path.Combine(Repository.Root, "docs", "chaos.md"));
        Assert.All(Planted, bug => Assert.Contains($"| `{bug}` |", documentation, StringComparison.Ordinal));
    }

    [Fact]
    public void Each_HasATestOfTheOrdinarySuite()
    {
        var sources = Repository.Files(Path.Combine(Repository.Root, "tests"))
            .Where(file => file.EndsWith("Tests.cs", StringComparison.Ordinal)).ToLookup(Path.GetFileNameWithoutExtension);
        string[] missing = [.. Table.Select(row => row.Test).Where(test =>
        {
            string[] parts = test.Split('.');
            return !sources[parts[^2]].Any(file => Regex.IsMatch(File.ReadAllText(file), $@"public (async Task|void) {parts[^1]}\("));
        })];
        Assert.Empty(missing);
    }

    [Fact]
    public void TracesPattern_Bites()
    {
        // Spelled in pieces, so that this file does not find itself.
        Assert.Matches(Traces(), "Toot" + "h.Bites");
        Assert.Matches(Traces(), "#if TEET" + "H");
        Assert.Matches(Traces(), "CLUSTERTRANSFER_TOOT" + "H=x");
        Assert.Matches(Traces(), "-p:Teet" + "h=true");
        Assert.Matches(Traces(), "scripts/teet" + "h.sh");
        Assert.DoesNotMatch(Traces(), "tested, Bluetooth");
    }

    [GeneratedRegex(@"\bToot[h]\.Bites\(""([a-z-]+)""\)")]
    private static partial Regex Planting();

    [GeneratedRegex(@"\b([Tt]eet[h]|TEET[H]|[Tt]oot[h])\b|_TOOT[H]\b")]
    private static partial Regex Traces();
}
