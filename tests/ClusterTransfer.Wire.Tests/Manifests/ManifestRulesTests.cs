using ClusterTransfer.Model;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Wire.Tests.Manifests;

/// <summary>Each rule of a page, broken alone: the encoder throws, the decoder refuses and says why.</summary>
public sealed class ManifestRulesTests
{
    private static readonly ManifestEntry Good = Pages.File("root", 5);

    [Fact]
    public void Entries_None_AreRefused() => AssertRefused(Pages.Of(), "0 entries");

    [Fact]
    public void Entries_OneTooMany_AreRefused() =>
        AssertRefused(Pages.Of([.. Enumerable.Range(0, 4097).Select(i => Pages.File($"{i}", 1))]), null);

    [Fact]
    public void Entries_AsManyAsAllowed_AreAccepted() =>
        AssertAccepted(Pages.Of([.. Enumerable.Range(0, 4096).Select(i => Pages.File($"{i}", 1))]));

    [Fact]
    public void Path_Empty_IsRefused() => AssertRefused(Pages.Of(Good with { Path = SafeRelativePath.Empty }), "path is empty");

    [Fact]
    public void Path_Twice_IsRefused() => AssertRefused(Pages.Of(Good, Pages.Folder("other"), Good with { Size = 6 }), "entry 2 is not valid: its path stands");

    [Fact]
    public void Path_ThatLeavesTheFolder_IsRefused() => AssertBytesRefused(Pages.Of(Pages.File("a/bb/c", 1)), "a/bb/c"u8, "a/../c"u8, "'..'");

    [Fact]
    public void Path_WithEmptySegment_IsRefused() => AssertBytesRefused(Pages.Of(Pages.File("a/bb/c", 1)), "a/bb/c"u8, "a//b/c"u8, "empty segment");

    [Fact]
    public void Path_ThatIsAbsolute_IsRefused() => AssertBytesRefused(Pages.Of(Pages.File("a/bb/c", 1)), "a/bb/c"u8, "//bb/c"u8, "starts or ends");

    [Fact]
    public void Path_WithNul_IsRefused() => AssertBytesRefused(Pages.Of(Pages.File("a/bb/c", 1)), "a/bb/c"u8, "a/b\0/c"u8, "NUL");

    [Fact]
    public void Size_Negative_IsRefused() => AssertRefused(Pages.Of(Good with { Size = -1 }), null);

    [Fact]
    public void Size_BeyondAnyPage_IsRefused() => AssertRefused(Pages.Of(Good with { Size = long.MaxValue }), "beyond");

    [Fact]
    public void Size_LargestThatAPageHolds_IsAccepted()
    {
        const long Largest = (long)ManifestLimits.MaxChunksPerPage * ChunkSizes.Max;
        AssertAccepted(Pages.Of(Good with { Size = Largest }));
        AssertRefused(Pages.Of(Good with { Size = Largest + 1 }), "beyond");
    }

    [Fact]
    public void Size_OfAFolderBeyondAnyFile_IsAcceptedForItHasNoChunks() =>
        AssertAccepted(Pages.Of(Pages.Folder("root") with { Size = long.MaxValue }));

    public static TheoryData<string, long, FileHole[]> WrongHoles => new()
    {
        { "empty", 10, [new(2, 0)] },
        { "negative", 10, [new(2, -1)] },
        { "before the file", 10, [new(-1, 2)] },
        { "touching", 10, [new(0, 2), new(2, 1)] },
        { "overlapping", 10, [new(0, 3), new(1, 1)] },
        { "out of order", 10, [new(5, 1), new(1, 1)] },
        { "the last piece", 10, [new(5, 5)] },
        { "beyond the file", 10, [new(5, 50)] },
        { "all of it", 2, [new(0, 2)] },
        { "no end", 10, [new(1, long.MaxValue)] },
        { "no sum", 10, [new(long.MaxValue, long.MaxValue)] },
        { "too many", 5000, [.. Enumerable.Range(0, 1025).Select(i => new FileHole(2 * i, 1))] },
    };

    [Theory]
    [MemberData(nameof(WrongHoles))]
    public void Holes_ThatAreNone_AreRefused(string what, long pieces, FileHole[] holes) =>
        AssertRefused(Pages.Of(Pages.File(what.Replace(' ', '-'), pieces * Pages.Base) with { Holes = holes }), null);

    [Fact]
    public void Holes_AsManyAsAllowed_AreAccepted() => AssertAccepted(Pages.Of(
        Pages.File("root", 5000L * Pages.Base) with { Holes = [.. Enumerable.Range(0, 1024).Select(i => new FileHole(2 * i, 1))] }));

    [Fact]
    public void Holes_OfWhatHasNoChunksOfItsOwn_AreRefused()
    {
        FileHole[] holes = [new(0, 1)];
        AssertRefused(Pages.Of(Good with { Holes = holes }), "chunks of its own");
        AssertRefused(Pages.Of(Pages.Folder("root") with { Size = 1L << 40, Holes = holes }), "chunks of its own");
    }

    [Fact]
    public void Format_ThatIsNotThatOfTheEntries_IsRefused()
    {
        byte[] sparse = ManifestCodec.Encode(Pages.Of(Pages.File("root", 5 * Pages.Base) with { Holes = [new(1, 2)] }));
        byte[] plain = ManifestCodec.Encode(Pages.Of(Good));
        Assert.Equal((2, 1), (sparse[0], plain[0]));
        (sparse[0], plain[0]) = (1, 2);

        Assert.All([sparse, plain], encoded => Assert.False(ManifestCodec.TryDecode(encoded, out _, out _)));
    }

    [Fact]
    public void Size_OfASparseFile_MayBeAnything() => AssertAccepted(Pages.Of(
        Pages.File("root", 1L << 60) with { Holes = [new(1, (1L << 36) - 3)] }));

    [Fact]
    public void Mode_BeyondPermissions_IsRefused()
    {
        AssertAccepted(Pages.Of(Good with { Mode = 0xFFF }));
        AssertRefused(Pages.Of(Good with { Mode = 0x1000 }), "07777");
        Assert.Throws<ArgumentException>(() => ManifestCodec.Encode(Pages.Of(Good with { Mode = -1 })));
    }

    [Fact]
    public void Kind_Unknown_IsRefused()
    {
        AssertRefused(Pages.Of(Good with { Kind = 0 }), "kind");
        AssertRefused(Pages.Of(Good with { Kind = (EntryKind)4 }), "kind");
    }

    [Fact]
    public void LinkTarget_Longest_IsAcceptedAndOneMoreRefused()
    {
        AssertAccepted(Pages.Of(Pages.Link("a", new string('x', 4095))));
        AssertRefused(Pages.Of(Pages.Link("a", new string('x', 4096))), "4096 bytes");
    }

    [Fact]
    public void LinkTarget_EmptyOrWithNul_IsRefused()
    {
        AssertRefused(Pages.Of(Pages.Link("a", string.Empty)), "0 bytes");
        AssertRefused(Pages.Of(Pages.Link("a", "x\0y")), "NUL");
    }

    [Fact]
    public void LinkTarget_OfAFile_IsNotEncoded() =>
        Assert.Throws<ArgumentException>(() => ManifestCodec.Encode(Pages.Of(Good with { LinkTarget = new byte[1] })));

    [Theory]
    [InlineData(ChunkSizes.Min / 2)]
    [InlineData(ChunkSizes.Max * 2)]
    public void BaseChunkSize_OutOfRange_IsRefused(int size) => AssertRefused(Pages.Of(Good) with { BaseChunkSize = size }, null);

    [Fact]
    public void BaseChunkSize_NotAPowerOfTwo_IsNotEncoded() =>
        Assert.Throws<ArgumentException>(() => ManifestCodec.Encode(Pages.Of(Good) with { BaseChunkSize = 3 * ChunkSizes.Min }));

    [Fact]
    public void FirstEntry_AtTheEndOfIndices_IsAcceptedAndBeyondRefused()
    {
        AssertAccepted(Pages.OfSizes(1, 2) with { FirstEntry = uint.MaxValue - 2 });
        AssertRefused(Pages.OfSizes(1, 2) with { FirstEntry = uint.MaxValue - 1 }, "last possible entry");
    }

    [Fact]
    public void FirstChunk_AtTheEndOfIndices_IsAcceptedAndBeyondRefused()
    {
        // Three chunks; the highest index of all stays free for "no chunk".
        ManifestPage page = Pages.OfSizes(3 * Pages.Base);
        AssertAccepted(page with { FirstChunk = uint.MaxValue - 3 });
        AssertRefused(page with { FirstChunk = uint.MaxValue - 2 }, "last possible chunk");
    }

    [Fact]
    public void Number_Negative_IsRefused() => AssertRefused(Pages.Of(Good) with { Number = -1 }, null);

    [Fact]
    public void Encoding_WithALongerFormOfANumber_IsRefused()
    {
        // The size 5 as one byte, and as two.
        byte[] encoded = ManifestCodec.Encode(Pages.Of(Good));
        const int SizeAt = 48 + 1 + 2 + 8;
        Assert.Equal(5, encoded[SizeAt]);
        Assert.False(ManifestCodec.TryDecode([.. encoded[..SizeAt], 0x85, 0x00, .. encoded[(SizeAt + 1)..]], out _, out _));
        Assert.True(ManifestCodec.TryDecode([.. encoded[..SizeAt], 0x85, 0x01, .. encoded[(SizeAt + 1)..]], out ManifestPage? page, out _));
        Assert.Equal(5 + 128, page.Entries[0].Size);
    }

    [Fact]
    public void Encoding_WithLessSharedPathThanPossible_IsRefused()
    {
        byte[] encoded = ManifestCodec.Encode(Pages.Of(Pages.File("ab", 1), Pages.File("ac", 1)));
        int at = encoded.Length - 3;
        Assert.Equal([1, 1, (byte)'c'], encoded[at..]);
        Assert.False(ManifestCodec.TryDecode([.. encoded[..at], 0, 2, (byte)'a', (byte)'c'], out _, out _));
    }

    [Fact]
    public void Encoding_WithBytesAfterIt_IsRefused() =>
        Assert.False(ManifestCodec.TryDecode([.. ManifestCodec.Encode(Pages.Of(Good)), 0], out _, out _));

    private static void AssertAccepted(ManifestPage page)
    {
        Assert.True(ManifestCodec.TryDecode(ManifestCodec.Encode(page), out ManifestPage? read, out string? problem), problem);
        Assert.Equal(page.Entries.Count, read.Entries.Count);
    }

    private static void AssertRefused(ManifestPage page, string? because)
    {
        Assert.Throws<ArgumentException>(() => ManifestCodec.Encode(page));
        Assert.False(ManifestCodec.TryDecode(ManifestCodec.EncodeUnchecked(page), out ManifestPage? read, out string? problem));
        Assert.Null(read);
        Assert.Contains(because ?? string.Empty, problem, StringComparison.Ordinal);
    }

    private static void AssertBytesRefused(ManifestPage page, ReadOnlySpan<byte> find, ReadOnlySpan<byte> replacement, string because)
    {
        byte[] encoded = ManifestCodec.Encode(page);
        replacement.CopyTo(encoded.AsSpan(encoded.AsSpan().IndexOf(find)));
        Assert.False(ManifestCodec.TryDecode(encoded, out _, out string? problem));
        Assert.Contains(because, problem, StringComparison.Ordinal);
    }
}
