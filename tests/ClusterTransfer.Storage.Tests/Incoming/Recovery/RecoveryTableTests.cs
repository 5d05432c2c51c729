using System.Reflection;
using System.Text.RegularExpressions;

namespace ClusterTransfer.Storage.Tests.Incoming.Recovery;

/// <summary>The table in docs/recovery.md and the tests say the same.</summary>
public sealed partial class RecoveryTableTests
{
    [Fact]
    public void EachRow_HasATestOfItsName()
    {
        string[] rows = [.. RowName().Matches(File.ReadAllText(FindTable())).Select(match => match.Groups[1].Value)];
        Assert.True(rows.Length > 30, $"{rows.Length} rows found");
        string[] tests = [.. typeof(EntryRowTests).GetMethods().Concat(typeof(JournalRowTests).GetMethods()).Concat(typeof(RoundRowTests).GetMethods()).Concat(typeof(SomeFilesRoundTests).GetMethods())
            .Where(method => method.GetCustomAttributes<FactAttribute>().Any())
            .Select(method => method.Name)];
        Assert.All(rows, row => Assert.Contains(tests, test => test == row || test.StartsWith(row + "_", StringComparison.Ordinal)));
    }

    private static string FindTable()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ClusterTransfer.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder!.FullName, "docs", "recovery.md"); // the tests run inside the repository
    }

    [GeneratedRegex(@"^\| [JFVCR]\d+ `(\w+)`", RegexOptions.Multiline)]
    private static partial Regex RowName();
}
