namespace ClusterTransfer.Cli.Tests.Contexts;

/// <summary>Files that only their owner can read.</summary>
internal static class PrivateText
{
    public static void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
