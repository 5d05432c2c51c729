using ClusterTransfer.Model;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Storage.Tests.Native;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Storage.Tests.Locations;

public sealed class LocationTests : IDisposable
{
    private static readonly LocationName Name = new("data");
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_Writable_MakesPrivateStagingAndLeavesNoProbe()
    {
        using Location location = Open();
        Assert.Equal(["lock"], Names(_folder[".clustertransfer"]));
        Assert.Equal([".clustertransfer"], Names(_folder.Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder[".clustertransfer"]));
    }

    [Fact]
    public void Open_ReadOnly_WritesNothing()
    {
        using Location location = Open(readOnly: true);
        Assert.Empty(Names(_folder.Path));
        Assert.Equal(Reason.DestinationNotWritable, Assert.Throws<ClusterTransferException>(() => location.Staging).Reason);
    }

    [Fact]
    public void Open_LooseStagingFolder_IsTightened()
    {
        Directory.CreateDirectory(_folder[".clustertransfer"], (UnixFileMode)0x1ff);
        using Location location = Open();
        Assert.Equal((UnixFileMode)0x1c0, File.GetUnixFileMode(_folder[".clustertransfer"]));
    }

    [Fact]
    public void Open_StagingIsALink_IsRefusedAndNothingIsWrittenThere()
    {
        using var elsewhere = new TestFolder();
        File.CreateSymbolicLink(_folder[".clustertransfer"], elsewhere.Path);
        ClusterTransferException error = Assert.Throws<ClusterTransferException>(() => Open());
        Assert.Contains("link", error.Message, StringComparison.Ordinal);
        Assert.Empty(Names(elsewhere.Path));
    }

    [Fact]
    public void Open_StagingOfAnotherUser_IsRefused()
    {
        Directory.CreateDirectory(_folder[".clustertransfer"]);
        if (!Tools.TryRun("chown", "12345", _folder[".clustertransfer"]))
        {
            Assert.Skip("Only root can give a folder away.");
        }

        Assert.Contains("12345", Assert.Throws<ClusterTransferException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_LockFileIsALink_IsRefusedAndTheTargetIsUnchanged()
    {
        using var elsewhere = new TestFolder();
        File.WriteAllText(elsewhere["precious"], "text");
        Directory.CreateDirectory(_folder[".clustertransfer"]);
        File.CreateSymbolicLink(_folder[".clustertransfer", "lock"], elsewhere["precious"]);
        Assert.Throws<ClusterTransferException>(() => Open());
        Assert.Equal("text", File.ReadAllText(elsewhere["precious"]));
    }

    [Fact]
    public void Open_Twice_SecondIsRefusedUntilTheFirstCloses()
    {
        Location first = Open();
        ClusterTransferException error = Assert.Throws<ClusterTransferException>(() => Open());
        Assert.Equal(Reason.WrongState, error.Reason);
        Assert.Contains(Environment.ProcessId.ToString(), error.Message, StringComparison.Ordinal);
        first.Dispose();
        Open().Dispose();
    }

    [Fact]
    public void Open_LeftoverProbes_AreReplaced()
    {
        Directory.CreateDirectory(_folder[".clustertransfer"]);
        File.WriteAllText(_folder[".clustertransfer", "probe"], "old");
        File.WriteAllText(_folder[".clustertransfer.probe"], "old");
        using Location location = Open();
        Assert.Equal([".clustertransfer"], Names(_folder.Path));
    }

    [Fact]
    [Trait("row", "D9")]
    public void Open_StagingOnAnotherMount_IsRefused()
    {
        Directory.CreateDirectory(_folder[".clustertransfer"]);
        if (!Tools.TryRun("mount", "-t", "tmpfs", "tmpfs", _folder[".clustertransfer"]))
        {
            Assert.Skip("This user cannot mount.");
        }

        try
        {
            ClusterTransferException error = Assert.Throws<ClusterTransferException>(() => Open());
            Assert.Contains("another mount", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            Tools.Run("umount", _folder[".clustertransfer"]);
        }
    }

    [Theory]
    [InlineData("missing", Reason.PathNotFound)]
    [InlineData("file", Reason.PathNotFound)]
    public void Open_NoSuchFolder_NamesLocationFolderAndRemedy(string name, Reason expected)
    {
        File.WriteAllText(_folder["file"], string.Empty);
        ClusterTransferException error = Assert.Throws<ClusterTransferException>(() => Location.Open(new LocationOptions(Name, _folder[name], ReadOnly: false)));
        Assert.Equal(expected, error.Reason);
        Assert.Contains("Location data", error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder[name], error.Message, StringComparison.Ordinal);
        Assert.Contains("locations.data.folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ThroughALink_KnowsTheRealFolder()
    {
        _folder.Create("real");
        File.CreateSymbolicLink(_folder["alias"], _folder["real"]);
        using Location location = Location.Open(new LocationOptions(Name, _folder["alias"], ReadOnly: false));
        Assert.Equal(_folder["real"], location.Folder);
    }

    [Theory]
    [InlineData(".clustertransfer", true)]
    [InlineData(".clustertransfer/x", true)]
    [InlineData(".ClusterTransfer/x", true)]
    [InlineData("sub/.clustertransfer", false)]
    [InlineData(".clustertransfer2", false)]
    public void Refuse_ReservedNameAtTheTop_IsNamed(string path, bool refused)
    {
        using Location location = Open(readOnly: true);
        Assert.Equal(refused, location.Refuse(NativeFolder.PathOf(path)) is not null);
    }

    private static string[] Names(string folder) => [.. Directory.GetFileSystemEntries(folder).Select(path => Path.GetFileName(path))];

    private Location Open(bool readOnly = false) => Location.Open(new LocationOptions(Name, _folder.Path, readOnly));
}
