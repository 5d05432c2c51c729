using System.Runtime.CompilerServices;
using ClusterTransfer.Transfers.Compression;

namespace ClusterTransfer.Transfers.Tests.Compression;

/// <summary>Memory that is lent to workers.</summary>
public sealed class ScratchBuffersTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(1_000_003)]
    public void Borrow_BeginsAtAPageAndIsAsLongAsAsked(int length)
    {
        using ScratchBuffers.Lent lent = new ScratchBuffers().Borrow(length);

        Assert.Equal(length, lent.Span.Length);
        Assert.Equal(0, AddressOf(lent.Span) % 4096);
    }

    [Fact]
    public void Borrow_OneAfterTheOther_UsesTheSameMemory()
    {
        var scratch = new ScratchBuffers();
        long first;
        using (ScratchBuffers.Lent lent = scratch.Borrow(10_000))
        {
            first = AddressOf(lent.Span);
        }

        using ScratchBuffers.Lent again = scratch.Borrow(5_000);
        Assert.Equal(first, AddressOf(again.Span));
    }

    [Fact]
    public void Borrow_TwoAtOnce_AreApart()
    {
        var scratch = new ScratchBuffers();
        using ScratchBuffers.Lent one = scratch.Borrow(10_000);
        using ScratchBuffers.Lent other = scratch.Borrow(10_000);
        one.Span.Fill(1);
        other.Span.Fill(2);

        Assert.Equal(-1, one.Span.IndexOfAnyExcept((byte)1));
    }

    // Pinned, so it has one.
    private static long AddressOf(Span<byte> span) => Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref span[0]);
}
