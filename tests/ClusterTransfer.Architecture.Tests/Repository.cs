using System.Xml.Linq;

namespace ClusterTransfer.Architecture.Tests;

/// <summary>The repository's tree as text: what these tests read instead of loading assemblies.</summary>
internal static class Repository
{
    private static readonly string[] Skipped = ["bin", "obj", ".git", ".vs", ".idea", ".quickstart", "TestResults", "artifacts", "node_modules"];

    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Projects under src, by name without the common prefix.</summary>
    public static IReadOnlyDictionary<string, SourceProject> Projects { get; } = Directory.GetDirectories(Path.Combine(Root, "src"))
        .Select(folder => new SourceProject(folder))
        .ToDictionary(project => project.Name);

    /// <summary>Every file that belongs to the tree, built and private folders left out.</summary>
    public static IEnumerable<string> Files(string folder)
    {
        // In a second working tree .git is a file.
        foreach (string file in Directory.GetFiles(folder).Where(file => !Skipped.Contains(Path.GetFileName(file))))
        {
            yield return file;
        }

        foreach (string child in Directory.GetDirectories(folder))
        {
            // A link could lead out of the tree.
            if (!Skipped.Contains(Path.GetFileName(child)) && (File.GetAttributes(child) & FileAttributes.ReparsePoint) == 0)
            {
                foreach (string file in Files(child))
                {
                    yield return file;
                }
            }
        }
    }

    /// <summary>A path as messages show it.</summary>
    public static string Relative(string file) => Path.GetRelativePath(Root, file);

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

/// <summary>A project under src.</summary>
internal sealed class SourceProject(string folder)
{
    public string Folder { get; } = folder;

    public string Name { get; } = Path.GetFileName(folder)["ClusterTransfer.".Length..];

    /// <summary>Names of the projects it refers to; null when it has no project file.</summary>
    public IReadOnlyList<string>? References { get; } = ReadReferences(folder);

    public IEnumerable<string> Sources => Repository.Files(Folder).Where(file => file.EndsWith(".cs", StringComparison.Ordinal));

    private static List<string>? ReadReferences(string folder)
    {
        string file = Path.Combine(folder, Path.GetFileName(folder) + ".csproj");
        return File.Exists(file)
            ? [.. XDocument.Load(file).Descendants("ProjectReference").Select(reference =>
                Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'))["ClusterTransfer.".Length..])]
            : null;
    }
}
