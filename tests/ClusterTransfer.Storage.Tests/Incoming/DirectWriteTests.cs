using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.Tests.Native;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Storage.Tests.Incoming;

/// <summary>Staged files written past the page cache: every byte at its place whatever the sizes and however the kernel cuts the writes; a refusal is told once and then
/// all goes through the page cache; an error is an error.</summary>
public sealed class DirectWriteTests : IDisposable
{
    private const int MiB = 1024 * 1024;

    private readonly TestFolder _folder = new();
    private readonly FolderHandle _handle;
    private readonly List<string> _told = [];

    public DirectWriteTests()
    {
        _handle = FolderHandle.OpenAbsolute(_folder.Path);
        using (FileHandle probe = _handle.CreateFile("probe"u8, 0x180))
        {
            var writes = new DirectWrites(isOn: true, onRefused: null);
            writes.Probe(_handle, "probe"u8);
            Assert.SkipUnless(writes.IsOn, "this file system refuses direct writes");
        }
    }

    public void Dispose()
    {
        _handle.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1, MiB)]
    [InlineData(2, MiB + 1)]
    [InlineData(3, (3 * MiB) - 1)]
    [InlineData(4, (4 * MiB) + 4095)]
    [InlineData(5, (2 * MiB) + 4096)]
    [InlineData(6, (5 * MiB) + 512)]
    [InlineData(7, 1)]
    public void TryWrite_ShortAndInterruptedAtRandom_PutsEveryByteAtItsPlace(int seed, int size)
    {
        var random = new Random(seed);
        byte[] bytes = new byte[size];
        random.NextBytes(bytes);
        var writes = new DirectWrites(isOn: true, _told.Add);
        using StagedFile file = Stage(writes, size);
        using (var disk = new Watch(file)
        {
            Cut = wanted => random.Next(4) switch
            {
                0 => -(nint)Errno.Interrupted,
                1 => 512 * (1 + random.Next((int)(wanted / 512) + 1)), // within a block, too
                _ => wanted,
            },
        })
        {
            foreach (int chunk in Enumerable.Range(0, (size + MiB - 1) / MiB).OrderBy(_ => random.Next()))
            {
                Write(file, bytes, chunk * MiB, MiB);
            }

            Assert.Equal(size >= MiB, disk.Direct > 0);
        }

        Assert.True(writes.IsOn);
        AssertHolds(file, bytes);
    }

    // The kernel stopped within a block: that block and what follows is written through the page cache.
    [Fact]
    public void TryWrite_StoppedWithinABlock_WritesTheRestBuffered()
    {
        byte[] bytes = Random(3 * MiB);
        var writes = new DirectWrites(isOn: true, _told.Add);
        using StagedFile file = Stage(writes, bytes.Length);
        using (var disk = new Watch(file) { Cut = _ => 8192 + 512 })
        {
            Write(file, bytes, 0, bytes.Length);
            Assert.Equal((1, 1), (disk.Direct, disk.Buffered));
        }

        Assert.True(writes.IsOn);
        AssertHolds(file, bytes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(64 * 1024)]
    public void TryWrite_Refused_GoesBufferedFromThenOnAndIsToldOnce(int after)
    {
        byte[] bytes = Random(2 * MiB);
        var writes = new DirectWrites(isOn: true, _told.Add);
        using StagedFile file = Stage(writes, bytes.Length);
        int calls = 0;
        using (var disk = new Watch(file) { Cut = _ => calls++ == 0 && after > 0 ? after : -(nint)Errno.Invalid })
        {
            Write(file, bytes, 0, MiB);
            Write(file, bytes, MiB, MiB);
            Assert.Equal((after > 0 ? 2 : 1, 2), (disk.Direct, disk.Buffered));
        }

        Assert.False(writes.IsOn);
        Assert.Contains("refuses", Assert.Single(_told), StringComparison.Ordinal);
        AssertHolds(file, bytes);
    }

    [Theory]
    [InlineData((int)Errno.InputOutput)]
    [InlineData((int)Errno.NoSpace)]
    public void TryWrite_AnErrorThatIsNoRefusal_IsTheError(int errno)
    {
        byte[] bytes = Random(MiB);
        var writes = new DirectWrites(isOn: true, _told.Add);
        using StagedFile file = Stage(writes, bytes.Length);
        int calls = 0;
        using var disk = new Watch(file) { Cut = _ => calls++ == 0 ? 4096 : -errno };

        Assert.Equal((Errno)errno, file.TryWrite(AlignedMemory.Of(bytes).Span, 0));
        Assert.Equal((2, 0), (disk.Direct, disk.Buffered));
        Assert.True(writes.IsOn);
        Assert.Empty(_told);
    }

    [Fact]
    public void WholeBlocks_WhatIsNotAlignedOrShort_IsNone()
    {
        Span<byte> memory = AlignedMemory.Of((2 * MiB) + 8).Span;
        Assert.Equal(2 * MiB, DirectWrites.WholeBlocks(memory, 0));
        Assert.Equal(MiB, DirectWrites.WholeBlocks(memory[..(MiB + 4095)], 4096));
        Assert.Equal(0, DirectWrites.WholeBlocks(memory[..(MiB - 1)], 0));
        Assert.Equal(0, DirectWrites.WholeBlocks(memory[8..], 0));
        Assert.Equal(0, DirectWrites.WholeBlocks(memory, 512));
        Assert.Equal(0, DirectWrites.WholeBlocks([], 0));
    }

    [Fact]
    public void Deliver_WhenOpeningIsRefused_DeliversAllTheSameAndSaysSo()
    {
        using var to = new Destination(_folder.Create("data"), _told.Add);
        ManualSource source = new ManualSource().Folder("two").File("two/a", Random((3 * MiB) + 77)).File("two/b", Random(2 * MiB));
        using (IncomingTransfer transfer = to.Open())
        {
            // Once the journal is open, the second handle of a staged file is the first that opens what is there.
            int opened = 0;
            using var disk = new ManualDisk { RefuseOpening = folder => folder == to.Staging && opened++ == 0 ? Errno.Invalid : Errno.None };
            source.Deliver(transfer);
        }

        Assert.Equal(WriteMode.Buffered, to.Location.Writes);
        Assert.Single(_told);
        to.AssertEquals(source);
        NativeFolder.Empty(to.Location.Root);
    }

    [Theory]
    [InlineData(WriteMode.Direct, 0, WriteMode.Direct)]
    [InlineData(WriteMode.Direct, (int)Errno.Invalid, WriteMode.Buffered)]
    [InlineData(WriteMode.Buffered, (int)Errno.InputOutput, WriteMode.Buffered)]
    public void OpenLocation_AsAskedForOrRefused_SaysHowItWrites(WriteMode asked, int refusal, WriteMode expected)
    {
        using var disk = new ManualDisk { Refuse = (_, _) => Errno.None };
        int opened = 0;
        disk.RefuseOpening = folder => folder.EndsWith(".clustertransfer", StringComparison.Ordinal) && opened++ == 0 ? (Errno)refusal : Errno.None;
        using Location location = Open(asked);

        Assert.Equal(expected, location.Writes);
        Assert.Equal(asked != expected ? 1 : 0, _told.Count);
        Assert.Equal([], Directory.GetFiles(_folder.Path, ".clustertransfer/probe"));
    }

    [Fact]
    public void OpenLocation_ProbeFailsOtherwise_IsNotServed()
    {
        using var disk = new ManualDisk { RefuseOpening = folder => folder.EndsWith(".clustertransfer", StringComparison.Ordinal) ? Errno.InputOutput : Errno.None };
        ClusterTransferException error = Assert.Throws<ClusterTransferException>(() => Open(WriteMode.Direct));
        Assert.Equal(Reason.DiskError, error.Reason);
    }

    private static byte[] Random(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static void Write(StagedFile file, byte[] bytes, int offset, int length)
    {
        ReadOnlySpan<byte> part = bytes.AsSpan(offset, Math.Min(length, bytes.Length - offset));
        Assert.Equal(Errno.None, file.TryWrite(AlignedMemory.Of(part).Span, offset));
    }

    // Through the page cache and then from the disk, so that neither hides what the other has.
    private static void AssertHolds(StagedFile file, byte[] bytes)
    {
        for (int round = 0; round < 2; round++)
        {
            byte[] read = new byte[bytes.Length + 1];
            Assert.Equal(bytes.Length, file.Handle!.Read(read, 0));
            Assert.True(read.AsSpan(0, bytes.Length).SequenceEqual(bytes));
            file.Handle.FlushData();
            file.Handle.DropCache();
        }
    }

    private Location Open(WriteMode asked) => Location.Open(new LocationOptions(new LocationName("beta"), _folder.Path, ReadOnly: false) { Writes = asked }, _told.Add);

    private StagedFile Stage(DirectWrites writes, int size)
    {
        var file = new StagedFile(1, writes) { Handle = _handle.CreateFile("f"u8, 0x180) };
        file.Handle.TryAllocate(size).OrThrow("allocate", file.Handle);
        _handle.TryOpenDirect("f"u8, out FileHandle? direct).OrThrow("open", _handle, "f"u8);
        file.Direct = direct;
        return file;
    }

    /// <summary>Counts the writes of both handles of a file, and cuts those that go past the page cache.</summary>
    private sealed class Watch : ISimulatedDisk, IDisposable
    {
        private readonly StagedFile _file;

        public Watch(StagedFile file)
        {
            _file = file;
            NativeCalls.Simulate(this);
        }

        public Func<nint, nint>? Cut { get; set; }

        public int Direct { get; private set; }

        public int Buffered { get; private set; }

        public Errno Before(NativeCall call, NativeHandle on) => Errno.None;

        public void Opened(NativeHandle handle)
        {
        }

        public nint Transfer(NativeCall call, NativeHandle on, nint wanted)
        {
            if (call != NativeCall.Write || !ReferenceEquals(on, _file.Direct))
            {
                Buffered += call == NativeCall.Write ? 1 : 0;
                return wanted;
            }

            Direct++;
            return nint.Min(Cut!(wanted), wanted);
        }

        public void Dispose() => NativeCalls.Simulate(null);
    }
}
