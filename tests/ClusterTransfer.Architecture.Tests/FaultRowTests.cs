namespace ClusterTransfer.Architecture.Tests;

/// <summary>A row of docs/faults.md counts as proven when a test names it; this is where that is counted.</summary>
public sealed class FaultRowTests
{
    /// <summary>Rows that must be proven: processes, disks, source files, network, coordination, resources.</summary>
    private static readonly string[] InScope =
    [
        .. Rows('P', 1, 7), .. Rows('D', 1, 18), .. Rows('F', 1, 4), .. Rows('N', 1, 15), .. Rows('K', 3, 5), .. Rows('R', 1, 3),
    ];

    // Not proven yet. This list only ever gets shorter: a row that a test names must leave it.
    private static readonly string[] NotYet =
    [
    ];

    [Fact]
    public void EachRow_IsNamedByATest() => Assert.Equal([], InScope.Where(row => !FaultRows.IsNamed(row)).Except(NotYet));

    [Fact]
    public void NotYet_HasNoRowThatATestNames() => Assert.Equal([], NotYet.Where(row => FaultRows.IsNamed(row) || !InScope.Contains(row)));

    [Fact]
    public void NamedRows_AreAllInTheTables() =>
        Assert.Equal([], FaultRows.Tests.Select(named => named.Key).Concat(FaultRows.Drawn).Concat(InScope).Distinct().Except(FaultRows.Documented));

    [Fact]
    public void Document_SaysWhatProvesEachRow()
    {
        string now = File.ReadAllText(FaultRows.Document);
        string wanted = FaultRows.Before(now) + FaultRows.Render(InScope);
        if (Environment.GetEnvironmentVariable("CLUSTERTRANSFER_WRITE") == "1")
        {
            File.WriteAllText(FaultRows.Document, wanted);
        }

        Assert.Equal(wanted, File.ReadAllText(FaultRows.Document));
    }

    [Fact]
    public void Read_FindsTraitsOfClassesAndMethods()
    {
        const string source = """
            [Trait("row", "D1"), Trait("row", "D2")]
            public sealed class SomeTests
            {
                [Theory]
                [InlineData(1)]
                [Trait("row", "D3")]
                public async Task One_Two_Three(int i)
                [Fact]
                public void Other_Test_WithoutARow()
            """;
        Assert.Equal([("D1", "SomeTests", null), ("D2", "SomeTests", null), ("D3", "SomeTests", "One_Two_Three")], FaultRows.Read(source));
    }

    [Theory]
    [InlineData("public sealed class T\n[Trait(\"row\", \"D1\")]\npublic void Helper()")]
    [InlineData("public sealed class T\n[Trait(\"row\", \"D1\")]\n[Fact(Skip = \"later\")]\npublic void One()")]
    [InlineData("public sealed class T\n[Trait(\"row\", \"D1\")]\n")]
    public void Read_OfATraitThatProvesNothing_IsRefused(string source) => Assert.Throws<FormatException>(() => FaultRows.Read(source).ToArray());

    private static IEnumerable<string> Rows(char letter, int first, int last) => Enumerable.Range(first, last - first + 1).Select(number => $"{letter}{number}");
}
