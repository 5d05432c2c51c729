using ClusterTransfer.Storage.Native;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Storage.Tests.Native;

/// <summary>The kernel may do less than it is asked for, or nothing for now: everything is read and written all the same, each byte at its place.</summary>
[Trait("row", "D10")]
public sealed class ShortCallTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void ReadAndWrite_ShortAndInterruptedAtRandom_AreComplete(int seed)
    {
        var random = new Random(seed);
        byte[] bytes = new byte[100_000];
        random.NextBytes(bytes);
        using FolderHandle folder = FolderHandle.OpenAbsolute(_folder.Path);
        using FileHandle file = folder.CreateFile("f"u8, 0x180);
        using var disk = new ManualDisk
        {
            Shorten = (_, _, wanted) => random.Next(4) switch
            {
                0 => -(nint)Errno.Interrupted,
                1 => -(nint)Errno.TryAgain,
                2 => 1,
                _ => 1 + random.Next((int)Math.Min(wanted, 5_000)),
            },
        };

        Assert.Equal(Errno.None, file.TryWrite(bytes, offset: 77));
        byte[] read = new byte[77 + bytes.Length + 10];
        Assert.Equal(Errno.None, file.TryRead(read, 0, out int length));

        Assert.Equal(77 + bytes.Length, length);
        Assert.True(read.AsSpan(0, 77).IndexOfAnyExcept((byte)0) < 0);
        Assert.True(read.AsSpan(77, bytes.Length).SequenceEqual(bytes));
    }

    // The error comes after some bytes were taken: what is told is the error, not the short count.
    [Theory]
    [InlineData((int)Errno.InputOutput)]
    [InlineData((int)Errno.NoSpace)]
    public void Write_FailsAfterAShortCount_IsTheError(int errno)
    {
        using FolderHandle folder = FolderHandle.OpenAbsolute(_folder.Path);
        using FileHandle file = folder.CreateFile("f"u8, 0x180);
        int calls = 0;
        using var disk = new ManualDisk { Shorten = (_, _, _) => ++calls == 1 ? 10 : -errno };
        Assert.Equal((Errno)errno, file.TryWrite(new byte[100], 0));
        Assert.Equal(2, calls);
    }

    [Fact]
    public void ReadAndWrite_NeverReady_EndWithThatError()
    {
        using FolderHandle folder = FolderHandle.OpenAbsolute(_folder.Path);
        using FileHandle file = folder.CreateFile("f"u8, 0x180);
        using var disk = new ManualDisk { Shorten = (_, _, _) => -(nint)Errno.TryAgain };
        Assert.Equal(Errno.TryAgain, file.TryWrite(new byte[100], 0));
        Assert.Equal(Errno.TryAgain, file.TryRead(new byte[100], 0, out _));
    }
}
