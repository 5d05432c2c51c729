namespace ClusterTransfer.Architecture.Tests;

/// <summary>References point one way. A new edge is a decision: add it here in the commit that explains it.</summary>
public sealed class ReferenceGraphTests
{
    // Who may refer to whom. Transport and Storage do not know the kernel; Transfers joins them; only Node sees all.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Model"] = [],
        ["Actors"] = [],
        ["Hocon"] = [],
        ["Wire"] = ["Model"],
        ["Storage"] = ["Model", "Wire"],
        ["Transport"] = ["Model", "Wire"],
        ["Journal"] = ["Model", "Actors"],
        ["Bus"] = ["Model", "Actors"],
        ["Transfers"] = ["Model", "Actors", "Wire", "Storage", "Transport", "Journal", "Bus"],
        ["Node"] = ["Model", "Actors", "Hocon", "Wire", "Storage", "Transport", "Journal", "Bus", "Transfers"],
        ["Client"] = ["Model"],

        // The one binary: client commands, 'node run' (Node), its configuration (Hocon) and 'pki' (Transport's identities).
        ["Cli"] = ["Model", "Client", "Hocon", "Node", "Transport"],
    };

    public static TheoryData<string> Names => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Project_RefersOnlyToWhatItMayKnow(string name)
    {
        Assert.True(Repository.Projects.TryGetValue(name, out SourceProject? project), $"src/ClusterTransfer.{name} is missing.");
        Assert.True(project.References is not null, $"src/ClusterTransfer.{name} has no project file of its own name.");
        Assert.Empty(project.References.Except(Allowed[name]));
    }

    [Fact]
    public void Projects_AreAllInTheGraph() => Assert.Empty(Repository.Projects.Keys.Except(Allowed.Keys));

    [Fact]
    public void Graph_HasNoCycle()
    {
        var known = new HashSet<string>();
        while (known.Count < Allowed.Count)
        {
            string[] next = [.. Allowed.Where(pair => !known.Contains(pair.Key) && pair.Value.All(known.Contains)).Select(pair => pair.Key)];
            Assert.NotEmpty(next);
            known.UnionWith(next);
        }
    }

    [Fact]
    public void Solution_HasEveryProject()
    {
        string solution = File.ReadAllText(Path.Combine(Repository.Root, "ClusterTransfer.sln")).Replace('\\', '/');
        string[] missing = [.. Repository.Files(Repository.Root)
            .Where(file => file.EndsWith(".csproj", StringComparison.Ordinal))
            .Select(file => Repository.Relative(file).Replace('\\', '/'))
            .Where(file => !solution.Contains(file, StringComparison.Ordinal))];
        Assert.Empty(missing);
    }
}
