using System.Text.RegularExpressions;

namespace ClusterTransfer.Architecture.Tests;

/// <summary>Rules of the house that no compiler checks.</summary>
public sealed partial class HouseRuleTests
{
    // Who may name System.IO's openers, and for what.
    private static readonly Dictionary<string, string> MayOpenFiles = new()
    {
        ["Storage"] = "user files, beneath folder handles",
        ["Journal"] = "its database",
        ["Hocon"] = "configuration files",
        ["Node"] = "token, state folder",
        ["Cli"] = "token, context",
        ["Transport"] = "certificates, in its folder Identity only",
    };

    public static TheoryData<string> Names => [.. Repository.Projects.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Project_HasAReadme(string name)
    {
        string readme = Path.Combine(Repository.Projects[name].Folder, "README.md");
        Assert.True(File.Exists(readme), $"{Repository.Relative(readme)} is missing: what it does, what it must not do, three types to read first, how to run its tests.");
        Assert.InRange(File.ReadAllLines(readme).Length, 3, 40);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Project_OpensFilesOnlyWhereItMay(string name)
    {
        string identity = Path.Combine(Repository.Projects[name].Folder, "Identity") + Path.DirectorySeparatorChar;
        string[] offenders = [.. Repository.Projects[name].Sources
            .Where(file => !MayOpenFiles.ContainsKey(name) || (name == "Transport" && !file.StartsWith(identity, StringComparison.Ordinal)))
            .SelectMany(file => CodeLines(file).Where(line => FileAccess().IsMatch(line.Text)).Select(line => $"{Repository.Relative(file)}:{line.Number}: {line.Text.Trim()}"))];
        Assert.Empty(offenders);
    }

    [Theory]
    [InlineData("File.ReadAllText(path)", true)]
    [InlineData("System.IO.File.Open(path)", true)]
    [InlineData("new FileStream(path, FileMode.Open)", true)]
    [InlineData("using FileStream stream = new(path)", true)]
    [InlineData("Directory.CreateDirectory(path)", true)]
    [InlineData("new DirectoryInfo(path)", true)]
    [InlineData("new StreamReader(stream)", false)]
    [InlineData("EntryKind.File.ToString()", false)]
    [InlineData("Reason.Directory", false)]
    [InlineData("FileDone.TryRead(bytes)", false)]
    public void FileAccessPattern_FindsOpenersOnly(string code, bool expected) => Assert.Equal(expected, FileAccess().IsMatch(code));

    [Fact]
    public void Tree_IsSelfContained()
    {
        var offenders = new List<string>();
        foreach (string file in Repository.Files(Repository.Root).Where(IsText))
        {
            int number = 0;
            foreach (string line in File.ReadLines(file))
            {
                number++;
                if (OutsidePath().IsMatch(line))
                {
                    offenders.Add($"{Repository.Relative(file)}:{number}: {line.Trim()}");
                }
            }
        }

        Assert.Empty(offenders);
    }

    [Fact]
    public void OutsidePathPattern_Bites()
    {
        // Spelled in pieces, so that this file does not find itself.
        Assert.Matches(OutsidePath(), "see .." + "/shared/design.md");
        Assert.Matches(OutsidePath(), "cd /work" + "/main");
        Assert.Matches(OutsidePath(), "\"/tmp" + "/wt/x\"");
        Assert.DoesNotMatch(OutsidePath(), "artifacts/work/x");
        Assert.DoesNotMatch(OutsidePath(), "shared/common.conf");
    }

    // As git decides it: no NUL at the beginning.
    private static bool IsText(string file)
    {
        using FileStream stream = File.OpenRead(file);
        Span<byte> start = stackalloc byte[4096];
        return !start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)].Contains((byte)0);
    }

    // Comments may speak of files.
    private static IEnumerable<(int Number, string Text)> CodeLines(string file) => File.ReadLines(file)
        .Select((text, index) => (index + 1, text))
        .Where(line => !line.text.TrimStart().StartsWith("//", StringComparison.Ordinal));

    [GeneratedRegex(@"(?<![\w.])(System\.IO\.)?(File|Directory)\.\w+\(|\b(FileStream|FileInfo|DirectoryInfo|FileSystemWatcher)\b(?=\s*[({\w])|File\.OpenHandle")]
    private static partial Regex FileAccess();

    [GeneratedRegex(@"\.\./share[d]\b|(?<![\w.}$-])/wor[k]/|(?<![\w.}$-])/tm[p]/(wt|ct)\b")]
    private static partial Regex OutsidePath();
}
