namespace ClusterTransfer.Benchmarks.Transfer.Servers;

/// <summary>Where programs are; servers lie in folders that the search path of a plain user leaves out.</summary>
internal static class Programs
{
    /// <summary>The path of a program; null when it is not installed.</summary>
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Concat(["/usr/local/sbin", "/usr/sbin", "/sbin"])
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(File.Exists);
}
