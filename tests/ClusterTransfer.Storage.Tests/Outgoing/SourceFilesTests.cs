using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.Outgoing.Reading;
using ClusterTransfer.Storage.Tests.Native;

namespace ClusterTransfer.Storage.Tests.Outgoing;

public sealed class SourceFilesTests : IDisposable
{
    private readonly NativeFolder _folder = new();
    private readonly SourceFiles _files = new(capacity: 2);
    private int _opened;

    public SourceFilesTests() => _folder.MakeFile("f"u8, "content"u8);

    public void Dispose()
    {
        _files.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Borrow_KnownEntry_IsOpenedOnce()
    {
        Borrow(1).Dispose();
        Borrow(1).Dispose();
        Assert.Equal(1, _opened);
    }

    [Fact]
    public void Borrow_MoreThanFit_ClosesTheLeastRecentlyUsed()
    {
        FileHandle first = Use(1);
        FileHandle second = Use(2);
        Use(1);
        Use(3);
        Assert.Equal((false, true, 2), (first.IsClosed, second.IsClosed, _files.Count));
    }

    [Fact]
    public void Borrow_EvictedWhileLent_StaysOpenUntilReturned()
    {
        SourceFiles.Loan lent = Borrow(1);
        Use(2);
        Use(3);
        Assert.Equal(2, _files.Count);
        Assert.Equal(7, lent.File.Read(new byte[7], 0));
        lent.Dispose();
        lent.Dispose();
        Assert.True(lent.File.IsClosed);
    }

    [Fact]
    public void Forget_WhileLentTwice_ClosesAfterTheLastReturn()
    {
        SourceFiles.Loan one = Borrow(1);
        SourceFiles.Loan two = Borrow(1);
        _files.Forget(new EntryIndex(1));
        one.Dispose();
        Assert.False(two.File.IsClosed);
        two.Dispose();
        Assert.True(two.File.IsClosed);
        Borrow(1).Dispose();
        Assert.Equal(2, _opened);
    }

    [Fact]
    public void Borrow_SameEntryOpenedByTwoAtOnce_BothReadAndNothingLeaks()
    {
        SourceFiles.Loan? inner = null;
        SourceFiles.Loan outer = _files.Borrow(
            new EntryIndex(1),
            () =>
            {
                inner = Borrow(1);
                return (_folder.Handle.OpenFile("f"u8), null);
            },
            out _)!;
        Assert.NotSame(inner!.File, outer.File);
        outer.Dispose();
        inner.Dispose();
        Assert.True(outer.File.IsClosed);
        Assert.False(inner.File.IsClosed);
        _files.Dispose();
        Assert.True(inner.File.IsClosed);
    }

    [Fact]
    public void Borrow_CannotBeOpened_IsNotKept()
    {
        var problem = new Problem(Reason.SourceChanged, "x");
        Assert.Null(_files.Borrow(new EntryIndex(1), () => (null, problem), out Problem? reported));
        Assert.Equal((problem, 0), (reported, _files.Count));
    }

    private FileHandle Use(uint entry)
    {
        using SourceFiles.Loan loan = Borrow(entry);
        return loan.File;
    }

    private SourceFiles.Loan Borrow(uint entry) => _files.Borrow(
        new EntryIndex(entry),
        () =>
        {
            _opened++;
            return (_folder.Handle.OpenFile("f"u8), null);
        },
        out _)!;
}
