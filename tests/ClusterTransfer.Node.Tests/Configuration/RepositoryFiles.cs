namespace ClusterTransfer.Node.Tests.Configuration;

/// <summary>Files of the repository that tests hold the program to.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    public static string Hocon(string name) => Path.Combine(Root, "hocon", name);

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ClusterTransfer.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests must run from inside the repository.");
    }
}
