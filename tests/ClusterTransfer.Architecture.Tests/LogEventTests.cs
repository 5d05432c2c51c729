using System.Globalization;
using System.Text.RegularExpressions;

namespace ClusterTransfer.Architecture.Tests;

/// <summary>Log events have ids that operators search for: unique, and each project in its own block.</summary>
public sealed partial class LogEventTests
{
    private static readonly Dictionary<string, int> Blocks = new()
    {
        ["Actors"] = 1000,
        ["Transport"] = 2000,
        ["Storage"] = 3000,
        ["Journal"] = 4000,
        ["Bus"] = 5000,
        ["Transfers"] = 6000,
        ["Node"] = 7000,
        ["Cli"] = 8000,
    };

    private static readonly LogEvent[] Events = [.. Repository.Projects.Values.SelectMany(Read)];

    [Fact]
    public void Ids_AreUniqueAcrossTheSolution() =>
        Assert.Empty(Events.GroupBy(entry => entry.Id).Where(group => group.Count() > 1).Select(group => string.Join(" and ", group)));

    [Fact]
    public void Ids_AreWithinTheirProjectsBlock() =>
        Assert.All(Events, entry => Assert.InRange(entry.Id, Blocks[entry.Project], Blocks[entry.Project] + 999));

    [Fact]
    public void Ids_AreAlwaysWritten()
    {
        // An attribute without a literal id would get one by chance.
        string[] offenders = [.. Repository.Projects.Values.SelectMany(project => project.Sources)
            .Where(file => Attribute().Count(File.ReadAllText(file)) != AttributeWithId().Count(File.ReadAllText(file)))
            .Select(Repository.Relative)];
        Assert.Empty(offenders);
    }

    [Theory]
    [InlineData("[LoggerMessage(2001, LogLevel.Information, \"x\")]", 2001)]
    [InlineData("[LoggerMessage(EventId = 2002, Level = LogLevel.Information)]", 2002)]
    [InlineData("[LoggerMessage(\n    eventId: 2003, level: LogLevel.Debug)]", 2003)]
    public void Pattern_ReadsEveryForm(string code, int id) => Assert.Equal(id, IdOf(AttributeWithId().Match(code)));

    private static IEnumerable<LogEvent> Read(SourceProject project) =>
        from file in project.Sources
        from match in AttributeWithId().Matches(File.ReadAllText(file))
        select new LogEvent(project.Name, IdOf(match), Repository.Relative(file));

    private static int IdOf(Match match) => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\[LoggerMessage\b")]
    private static partial Regex Attribute();

    [GeneratedRegex(@"\[LoggerMessage\(\s*(?:[Ee]ventId\s*[:=]\s*)?(\d+)")]
    private static partial Regex AttributeWithId();

    private sealed record LogEvent(string Project, int Id, string File)
    {
        public override string ToString() => $"{Id} in {File}";
    }
}
