using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace ClusterTransfer.Node.Tests;

/// <summary>Bugs are planted in a build of their own only: an ordinary one has neither the switch nor a place that asks it.</summary>
public sealed class PlantedBugTests
{
    // Spelled in pieces: no test may name it.
    private const string Switch = "Too" + "th";

    [Fact]
    public void Assemblies_HaveNoTraceOfThem()
    {
        string[] assemblies = [.. Directory.GetFiles(AppContext.BaseDirectory, "ClusterTransfer.*.dll")];
        Assert.InRange(assemblies.Length, 10, 50);
        Assert.All(assemblies, file =>
        {
            Assert.DoesNotContain(Switch, Names(file));
            Assert.DoesNotContain(Texts(file), text => text.EndsWith($"_{Switch.ToUpperInvariant()}", StringComparison.Ordinal));
        });
    }

    // Otherwise the test above would look in the wrong place.
    [Fact]
    public void Assemblies_HaveWhatIsLookedFor()
    {
        string storage = Path.Combine(AppContext.BaseDirectory, "ClusterTransfer.Storage.dll");
        Assert.Contains("IncomingTransfer", Names(storage));
        Assert.Contains("TransferId", Names(storage));
        Assert.Contains("d12.before", Texts(storage));
    }

    // Types that are defined and types that are referred to.
    private static HashSet<string> Names(string file)
    {
        using var image = new PEReader(File.OpenRead(file));
        MetadataReader metadata = image.GetMetadataReader();
        return
        [
            .. metadata.TypeDefinitions.Select(type => metadata.GetString(metadata.GetTypeDefinition(type).Name)),
            .. metadata.TypeReferences.Select(type => metadata.GetString(metadata.GetTypeReference(type).Name)),
        ];
    }

    private static List<string> Texts(string file)
    {
        using var image = new PEReader(File.OpenRead(file));
        MetadataReader metadata = image.GetMetadataReader();
        List<string> texts = [];
        for (UserStringHandle at = metadata.GetNextHandle(default(UserStringHandle)); !at.IsNil; at = metadata.GetNextHandle(at))
        {
            texts.Add(metadata.GetUserString(at));
        }

        return texts;
    }
}
