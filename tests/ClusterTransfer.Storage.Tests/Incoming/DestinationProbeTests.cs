using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Tests.Incoming;

/// <summary>What is found under names, in the order of a manifest, where much of the way to them is missing.</summary>
public sealed class DestinationProbeTests : IDisposable
{
    private readonly Destination _to = new();

    [Fact]
    public void Find_BeneathFoldersThatAreMissing_IsNothing_AndWhatIsBesideThemIsFound()
    {
        Directory.CreateDirectory(_to.In("a", "b"));
        File.WriteAllText(_to.In("a", "b2"), "");
        File.WriteAllText(_to.In("a", "b", "file"), "");
        using var probe = new DestinationProbe(_to.Location.Root);

        Assert.Equal(Occupant.None, Find(probe, "x/y/z/file"));
        Assert.Equal(Occupant.None, Find(probe, "x/y/z2/file"));
        Assert.Equal(Occupant.None, Find(probe, "x"));
        Assert.Equal(Occupant.File, Find(probe, "a/b/file"));
        Assert.Equal(Occupant.None, Find(probe, "a/b/c/d/file"));
        Assert.Equal(Occupant.None, Find(probe, "a/b/c"));
        Assert.Equal(Occupant.File, Find(probe, "a/b/file"));
        Assert.Equal(Occupant.Folder, Find(probe, "a/b"));
        Assert.Equal(Occupant.File, Find(probe, "a/b2"));
        Assert.Equal(Occupant.BlockedAbove, Find(probe, "a/b2/file"));
    }

    [Fact]
    public void TryOpen_InAFolderThatWasJustMade_TakesWhatSomebodyElsePutThere()
    {
        using var tree = new DestinationTree(_to.Location.Root, _ => 0x1ed);
        Assert.Equal(Errno.None, tree.TryOpen(PathOf("new"), out _));
        Directory.CreateDirectory(_to.In("new", "theirs"));
        File.WriteAllText(_to.In("new", "file"), "");

        Assert.Equal(Errno.None, tree.TryOpen(PathOf("new/theirs"), out _));
        Assert.Equal(Errno.None, tree.TryOpen(PathOf("new/ours/deep"), out _));
        Assert.Equal(Errno.NotAFolder, tree.TryOpen(PathOf("new/file"), out _));
        Assert.True(Directory.Exists(_to.In("new", "ours", "deep")));
    }

    [Fact]
    public void TryOpen_OfWhatItMadeAndSomebodyRemoved_MakesItAgain()
    {
        using var tree = new DestinationTree(_to.Location.Root, _ => 0x1ed);
        Assert.Equal(Errno.None, tree.TryOpen(PathOf("new/deep"), out _));
        tree.Release();
        Directory.Delete(_to.In("new"), recursive: true);

        Assert.Equal(Errno.None, tree.TryOpen(PathOf("new/deep/other"), out _));
        tree.Release();
        Assert.Equal(Errno.None, tree.TryOpen(PathOf("new/deep"), out _));

        Assert.True(Directory.Exists(_to.In("new", "deep", "other")));
    }

    public void Dispose() => _to.Dispose();

    private static Occupant Find(DestinationProbe probe, string path) => probe.Find(PathOf(path), out _);

    private static SafeRelativePath PathOf(string text) => SafeRelativePath.TryParse($"in/{text}", out SafeRelativePath? path, out string? problem) ? path : throw new ArgumentException(problem);
}
