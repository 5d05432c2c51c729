using System.Runtime.CompilerServices;

namespace ClusterTransfer.Cli.Tests;

/// <summary>Texts as they were agreed, in the folder Golden. With CLUSTERTRANSFER_WRITE=1 they are written anew; the diff then shows what changed.</summary>
internal static class GoldenText
{
    public static bool IsWriting => Environment.GetEnvironmentVariable("CLUSTERTRANSFER_WRITE") == "1";

    public static string Folder { get; } = FolderBeside();

    /// <param name="name">File beneath the folder.</param>
    /// <param name="actual">The text as it is now.</param>
    public static void AssertSame(string name, string actual)
    {
        string file = Path.Combine(Folder, name);
        if (IsWriting)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
        }

        Assert.True(File.Exists(file), $"There is no {name}: write it with CLUSTERTRANSFER_WRITE=1.");
        Assert.Equal(File.ReadAllText(file), actual);
    }

    private static string FolderBeside([CallerFilePath] string source = "") => Path.Combine(Path.GetDirectoryName(source)!, "Golden");
}
