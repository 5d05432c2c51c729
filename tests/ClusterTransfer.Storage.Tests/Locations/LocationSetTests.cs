using ClusterTransfer.Model;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Storage.Tests.Native;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Storage.Tests.Locations;

public sealed class LocationSetTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a", "a", false, false, true)]
    [InlineData("a", "a/sub", false, false, true)]
    [InlineData("a/sub", "a", false, false, true)]
    [InlineData("a", "alias", false, false, true)]
    [InlineData("a", "alias/sub", false, false, true)]
    [InlineData("a", "a/../a/sub", false, false, true)]
    [InlineData("a", "a/sub", true, false, true)]
    [InlineData("a", "a/sub", true, true, false)]
    [InlineData("a", "a-evil", false, false, false)]
    [InlineData("a", "missing", false, false, false)]
    [InlineData("missing", "missing/x", false, false, true)]
    public void Open_TwoFolders_OverlapIsRefused(string first, string second, bool firstReadOnly, bool secondReadOnly, bool refused)
    {
        _folder.Create("a", "sub");
        _folder.Create("a-evil");
        File.CreateSymbolicLink(_folder["alias"], _folder["a"]);
        LocationOptions[] options = [Options("one", first, firstReadOnly), Options("two", second, secondReadOnly)];
        if (refused)
        {
            ClusterTransferException error = Assert.Throws<ClusterTransferException>(() => LocationSet.Open(options));
            Assert.Contains("one", error.Message, StringComparison.Ordinal);
            Assert.Contains("two", error.Message, StringComparison.Ordinal);
            Assert.Contains("overlap", error.Message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(_folder["a", ".clustertransfer"]));
        }
        else
        {
            LocationSet.Open(options).Dispose();
        }
    }

    [Fact]
    public void Open_SameFolderMountedTwice_IsRefused()
    {
        _folder.Create("a", "sub");
        _folder.Create("b");
        Assert.SkipUnless(Tools.TryRun("mount", "--bind", _folder["a"], _folder["b"]), "This user cannot mount.");
        try
        {
            Assert.Contains(
                "overlap",
                Assert.Throws<ClusterTransferException>(() => LocationSet.Open([Options("one", "a", false), Options("two", "b/sub", false)])).Message,
                StringComparison.Ordinal);
        }
        finally
        {
            Tools.Run("umount", _folder["b"]);
        }
    }

    [Fact]
    public void Open_SameNameTwiceAndOverlap_ListsBoth()
    {
        _folder.Create("a", "sub");
        _folder.Create("b");
        ClusterTransferException error = Assert.Throws<ClusterTransferException>(
            () => LocationSet.Open([Options("one", "a", false), Options("one", "b", false), Options("two", "a/sub", false)]));
        Assert.Contains("2 times", error.Message, StringComparison.Ordinal);
        Assert.Contains("overlap", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OneFolderMissing_TheOthersAreServed()
    {
        _folder.Create("a");
        using LocationSet set = LocationSet.Open([Options("one", "a", false), Options("two", "missing", false)]);
        Assert.Equal(new LocationName("one"), set.Get(new LocationName("one")).Name);
        Assert.Equal(Reason.PathNotFound, Assert.Throws<ClusterTransferException>(() => set.Get(new LocationName("two"))).Reason);
        Assert.Equal(Reason.LocationUnknown, Assert.Throws<ClusterTransferException>(() => set.Get(new LocationName("three"))).Reason);
        Assert.Equal([null, Reason.PathNotFound], set.All.Select(one => one.Problem?.Reason));
    }

    private LocationOptions Options(string name, string folder, bool readOnly) => new(new LocationName(name), _folder[folder], readOnly);
}
