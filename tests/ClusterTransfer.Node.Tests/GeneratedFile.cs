using ClusterTransfer.Node.Tests.Configuration;

namespace ClusterTransfer.Node.Tests;

/// <summary>A committed file that the program's code determines: compared, and written anew when asked to.</summary>
internal static class GeneratedFile
{
    private const string Variable = "CLUSTERTRANSFER_WRITE";

    /// <summary>Fails when the file differs from the text, naming the first line that does.</summary>
    /// <param name="path">Its path in the repository.</param>
    /// <param name="text">What it has to be.</param>
    public static void Check(string path, string text)
    {
        string file = Path.Combine(RepositoryFiles.Root, path);
        if (Environment.GetEnvironmentVariable(Variable) == "1")
        {
            File.WriteAllText(file, text);
            return;
        }

        string[] there = File.Exists(file) ? File.ReadAllText(file).Split('\n') : [];
        string[] wanted = text.Split('\n');
        int line = Enumerable.Range(0, Math.Max(there.Length, wanted.Length)).FirstOrDefault(i => there.ElementAtOrDefault(i) != wanted.ElementAtOrDefault(i), -1);
        if (line >= 0)
        {
            Assert.Fail(
                $"{path} is not what the program says, from line {line + 1} on:\n  there:  {there.ElementAtOrDefault(line)}\n  wanted: {wanted.ElementAtOrDefault(line)}\n"
                + $"Write it anew and look at the difference: {Variable}=1 dotnet run --project tests/ClusterTransfer.Node.Tests -- -method '*{TestContext.Current.TestMethod!.MethodName}'");
        }
    }
}
