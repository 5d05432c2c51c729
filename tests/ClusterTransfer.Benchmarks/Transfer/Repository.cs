namespace ClusterTransfer.Benchmarks.Transfer;

/// <summary>The working tree this program was built in.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution.</summary>
    /// <exception cref="BenchmarkException">It runs somewhere else.</exception>
    public static string Root { get; } = Find();

    private static string Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ClusterTransfer.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new BenchmarkException("this must run from inside the repository");
    }
}
