using System.CommandLine;

namespace ClusterTransfer.Cli.Tests.Printed;

/// <summary><c>--help</c> of every command there is, as it was agreed.</summary>
public sealed class GoldenHelpTests
{
    public static TheoryData<string> Commands { get; } = [.. EveryCommand.Paths];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_IsAsAgreed(string path)
    {
        using var run = new CliRun();

        int exit = await run.RunAsync(null, [.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        Assert.Equal((0, string.Empty), (exit, run.Error));

        // The library shows the name of the program that runs, which here is the tests'.
        GoldenText.AssertSame(
            Path.Combine("Help", $"{(path.Length == 0 ? "ct" : path.Replace(' ', '-'))}.txt"), run.Out.Replace($"  {RootCommand.ExecutableName} ", "  ct ", StringComparison.Ordinal));
    }

    [Fact]
    public void Help_OfACommandThatIsGone_IsNotKept() => Assert.Equal(
        EveryCommand.Paths.Select(path => $"{(path.Length == 0 ? "ct" : path.Replace(' ', '-'))}.txt").Order(StringComparer.Ordinal),
        Directory.EnumerateFiles(Path.Combine(GoldenText.Folder, "Help")).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
}
