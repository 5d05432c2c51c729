using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using ClusterTransfer.Chaos.Harness;

namespace ClusterTransfer.Chaos;

/// <summary>T1: fail points are in the builds that ask for them, and nothing of them is in the product.</summary>
[Trait("category", "slow")]
public sealed class FaultPointTests
{
    [Fact]
    public void Product_HasNoCallOfAFailPointAndNothingBehindOne()
    {
        (int calls, bool reaches) = Look(CtBinary.Find());
        Assert.Equal(0, calls);
        Assert.False(reaches);
    }

    // Otherwise the test above would look for the wrong thing.
    [Fact]
    public void BuildWithFailPoints_HasThem()
    {
        (int calls, bool reaches) = Look(CtBinary.FindWithFaultPoints());
        Assert.InRange(calls, 5, 20);
        Assert.True(reaches);
    }

    // How many assemblies call Fault.Point, and whether ClusterTransfer.Model knows what to do then.
    private static (int Calls, bool Reaches) Look(string ct)
    {
        int calls = 0;
        bool reaches = false;
        string[] assemblies = Directory.GetFiles(Path.GetDirectoryName(ct)!, "ClusterTransfer.*.dll"); // a file has a folder
        Assert.InRange(assemblies.Length, 5, 50);
        foreach (string file in assemblies)
        {
            using var image = new PEReader(File.OpenRead(file));
            MetadataReader metadata = image.GetMetadataReader();
            calls += metadata.MemberReferences.Select(metadata.GetMemberReference).Count(member =>
                metadata.GetString(member.Name) == "Point"
                && member.Parent.Kind == HandleKind.TypeReference
                && metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)member.Parent).Name) == "Fault");
            reaches |= metadata.MethodDefinitions.Select(metadata.GetMethodDefinition).Any(method => metadata.GetString(method.Name) == "Reach");
        }

        return (calls, reaches);
    }
}
