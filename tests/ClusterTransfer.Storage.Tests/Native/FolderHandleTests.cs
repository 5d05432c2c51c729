using System.Text;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Storage.Tests.Native;

public sealed class FolderHandleTests : IDisposable
{
    private readonly NativeFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("plain")]
    [InlineData("with space")]
    [InlineData("new\nline")]
    [InlineData("a..b")]
    [InlineData("...")]
    [InlineData("\u6f22\u5b57 \ud83d\ude80")]
    [InlineData("back\\slash")]
    public void CreateFile_OddName_IsListedExactly(string text)
    {
        byte[] name = Encoding.UTF8.GetBytes(text);
        _folder.MakeFile(name, "x"u8);
        Assert.Equal(name, Assert.Single(_folder.Names(default)));
    }

    [Fact]
    public void CreateFile_NameNotUtf8_IsListedAndReadBack()
    {
        byte[] name = [0xff, 0xfe, (byte)'a', 0x80, 1];
        _folder.MakeFile(name, "content"u8);
        Assert.Equal(name, Assert.Single(_folder.Names(default)));
        using FileHandle file = _folder.Handle.OpenFile(name);
        byte[] buffer = new byte[20];
        Assert.Equal(7, file.Read(buffer, 0));
        Assert.Equal("content"u8, buffer.AsSpan(0, 7));
    }

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    [Trait("row", "D17")]
    public void CreateFile_NameLength_IsLimitedTo255(int length, bool possible)
    {
        byte[] name = new byte[length];
        name.AsSpan().Fill((byte)'n');
        Errno errno = _folder.Handle.TryCreateFile(name, 0x1a4, out FileHandle? file);
        file?.Dispose();
        Assert.Equal(possible ? Errno.None : Errno.NameTooLong, errno);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../x")]
    [InlineData("/etc/passwd")]
    [InlineData("in/../../x")]
    [InlineData("out")]
    [InlineData("out/passwd")]
    [InlineData("rel-in/f")]
    [InlineData("transit/passwd")]
    [InlineData("file-link")]
    public void Open_PathThatLeavesOrUsesLink_IsRefused(string path)
    {
        _folder.MakeFile("in/f"u8, "x"u8);
        _folder.MakeLink("out"u8, "/etc"u8);
        _folder.MakeLink("rel-in"u8, "in"u8);
        _folder.MakeLink("transit"u8, "../../etc"u8);
        _folder.MakeLink("file-link"u8, "in/f"u8);
        byte[] bytes = Encoding.UTF8.GetBytes(path);

        Errno asFile = _folder.Handle.TryOpenFile(bytes, out FileHandle? file);
        Errno asFolder = _folder.Handle.TryOpenFolder(bytes, out FolderHandle? folder);
        Errno writable = _folder.Handle.TryOpenWritable(bytes, out FileHandle? forWriting);
        Errno created = _folder.Handle.TryCreateFile(bytes, 0x1a4, out FileHandle? fresh);

        Assert.Null(file);
        Assert.Null(folder);
        Assert.Null(forWriting);
        Assert.Null(fresh);
        Assert.Contains(asFile, new[] { Errno.CrossDevice, Errno.TooManySymbolicLinks });
        Assert.NotEqual(Errno.None, asFolder);
        Assert.NotEqual(Errno.None, writable);
        Assert.NotEqual(Errno.None, created);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("nul\0byte")]
    public void NameCall_NotOneName_IsRefusedWithoutACall(string text)
    {
        byte[] name = Encoding.UTF8.GetBytes(text);
        Assert.Equal(Errno.Invalid, _folder.Handle.TryCreateFolder(name, 0x1ed));
        Assert.Equal(Errno.Invalid, _folder.Handle.TryRemoveFile(name));
        Assert.Equal(Errno.Invalid, _folder.Handle.TryRemoveFolder(name));
        Assert.Equal(Errno.Invalid, _folder.Handle.TryRenameNoReplace("x"u8, _folder.Handle, name));
        Assert.Equal(Errno.Invalid, _folder.Handle.TryStatus(name, out _));
    }

    [Fact]
    [Trait("row", "D15")]
    public void RenameNoReplace_NameTaken_LeavesBoth()
    {
        _folder.MakeFile("a"u8, "a"u8);
        _folder.MakeFile("b"u8, "b"u8);
        Assert.Equal(Errno.Exists, _folder.Handle.TryRenameNoReplace("a"u8, _folder.Handle, "b"u8));
        Assert.Equal(2, _folder.Names(default).Count);
        Assert.Equal(Errno.None, _folder.Handle.TryRenameReplace("a"u8, _folder.Handle, "b"u8));
        Assert.Equal("a", File.ReadAllText(_folder["b"]));
    }

    [Fact]
    public void RenameNoReplace_OntoDanglingLink_IsRefused()
    {
        _folder.MakeFile("a"u8, "a"u8);
        _folder.MakeLink("b"u8, "/nowhere"u8);
        Assert.Equal(Errno.Exists, _folder.Handle.TryRenameNoReplace("a"u8, _folder.Handle, "b"u8));
        Assert.Equal(Errno.Exists, _folder.Handle.TryCreateFile("b"u8, 0x1a4, out _));
    }

    [Fact]
    public void Status_ModeAndTimes_AreWhatWasSet()
    {
        _folder.MakeFile("f"u8, "12345"u8);
        using (FileHandle file = _folder.Handle.OpenFile("f"u8))
        {
            file.SetMode(0xda4); // 06644
            file.SetModified(-1_500_000_001);
        }

        Assert.Equal(Errno.None, _folder.Handle.TryStatus("f"u8, out FileStatus status));
        Assert.Equal((FileKind.File, 0xda4, 5L, -1_500_000_001L), (status.Kind, status.Mode, status.Size, status.ModifiedNs));
        Assert.True(status.BornNs > 0);
    }

    [Fact]
    public void SetModified_OfALink_ChangesTheLinkOnly()
    {
        _folder.MakeFile("f"u8, "x"u8);
        _folder.MakeLink("l"u8, "f"u8);
        Assert.Equal(Errno.None, _folder.Handle.TryStatus("f"u8, out FileStatus before));
        Assert.Equal(Errno.None, _folder.Handle.TrySetModified("l"u8, 42_000_000_042));
        Assert.Equal(Errno.None, _folder.Handle.TryStatus("f"u8, out FileStatus after));
        Assert.Equal(Errno.None, _folder.Handle.TryStatus("l"u8, out FileStatus link));
        Assert.Equal(before, after);
        Assert.Equal((FileKind.SymbolicLink, 42_000_000_042L), (link.Kind, link.ModifiedNs));
    }

    [Fact]
    [Trait("row", "F3")]
    public void OpenFile_Pipe_ReturnsAtOnceAndIsNoFile()
    {
        Tools.MakePipe(_folder["pipe"]);
        using FileHandle file = _folder.Handle.OpenFile("pipe"u8);
        Assert.Equal(FileKind.Special, file.Status().Kind);
    }

    [Fact]
    public void OpenOrCreateFolders_LinkOnTheWay_IsRefused()
    {
        using var outside = new TestFolder();
        _folder.MakeLink("link"u8, Encoding.UTF8.GetBytes(outside.Path));
        NativeException error = Assert.Throws<NativeException>(() => _folder.MakeFolder("link/new"u8));
        Assert.Contains(error.Errno, new[] { Errno.TooManySymbolicLinks, Errno.NotAFolder });
        Assert.Empty(Directory.GetFileSystemEntries(outside.Path));
    }

    [Fact]
    public void List_ManyNames_FindsEachOnce()
    {
        _folder.MakeFile("source"u8, "x"u8);
        for (int i = 1; i < 5_000; i++)
        {
            _folder.Handle.TryLink("source"u8, _folder.Handle, Encoding.ASCII.GetBytes($"a-rather-long-name-to-fill-more-than-one-block-{i:d6}")).OrThrow("link", _folder.Handle);
        }

        Assert.Equal(5_000, _folder.Names(default).Select(Encoding.ASCII.GetString).Distinct().Count());
    }

    [Fact]
    public void Write_FullDevice_ReturnsNoSpace()
    {
        if (!File.Exists("/dev/full"))
        {
            Assert.Skip("This system has no /dev/full.");
        }

        using FolderHandle devices = FolderHandle.OpenAbsolute("/dev");
        Assert.Equal(Errno.None, devices.TryOpenWritable("full"u8, out FileHandle? full));
        using (full)
        {
            Assert.Equal(Errno.NoSpace, full!.TryWrite("x"u8, 0));
        }
    }

    [Fact]
    public void Lock_SecondHolder_IsRefusedUntilTheFirstCloses()
    {
        FileHandle first = _folder.Handle.OpenOrCreateFile("lock"u8, 0x180);
        using FileHandle second = _folder.Handle.OpenOrCreateFile("lock"u8, 0x180);
        Assert.True(first.TryLock());
        Assert.False(second.TryLock());
        first.Dispose();
        Assert.True(second.TryLock());
    }

    [Fact]
    public async Task Open_WhileAParentIsSwappedForALink_NeverEscapes()
    {
        using var outside = new NativeFolder();
        outside.MakeFile("f"u8, "outside"u8);
        _folder.MakeFile("p/f"u8, "inside"u8);
        _folder.MakeLink("evil"u8, Encoding.UTF8.GetBytes(outside.Path));
        ulong outsideInode = outside.Handle.Status().Inode;
        using var done = new CancellationTokenSource();

        Task swapper = Task.Run(
            () =>
            {
                for (int flip = 0; flip < 10_000; flip++)
                {
                    Rename("p"u8, "real"u8);
                    Rename("evil"u8, "p"u8);
                    Rename("p"u8, "evil"u8);
                    Rename("real"u8, "p"u8);
                }

                done.Cancel();
            },
            TestContext.Current.CancellationToken);
        int opened = 0;
        int refused = 0;
        byte[] buffer = new byte[16];
        while (!done.IsCancellationRequested || opened == 0)
        {
            if (_folder.Handle.TryOpenFile("p/f"u8, out FileHandle? file) == Errno.None)
            {
                using (file)
                {
                    Assert.Equal("inside"u8, buffer.AsSpan(0, file!.Read(buffer, 0)));
                    opened++;
                }
            }
            else
            {
                refused++;
            }

            // What a destination does beneath a parent: make, rename, remove, set times.
            if (_folder.Handle.TryOpenFolder("p"u8, out FolderHandle? parent) == Errno.None)
            {
                using (parent)
                {
                    Assert.NotEqual(outsideInode, parent!.Status().Inode);
                    _ = parent.TryCreateFolder("made"u8, 0x1ed);
                    _ = parent.TryRenameNoReplace("made"u8, parent, "moved"u8);
                    _ = parent.TrySetModified("moved"u8, 1);
                    _ = parent.TryRemoveFolder("moved"u8);
                }
            }
        }

        await swapper.WithinDeadline();
        Assert.True(opened > 0, "The race never opened the file.");
        Assert.True(refused > 0, "The race never met the swapped folder.");
        Assert.Equal("f", Encoding.ASCII.GetString(Assert.Single(outside.Names(default))));

        void Rename(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to) => _folder.Handle.TryRenameNoReplace(from, _folder.Handle, to).OrThrow("rename", _folder.Handle, from);
    }
}
