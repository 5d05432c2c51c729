using ClusterTransfer.Wire.Compression;

namespace ClusterTransfer.Wire.Tests.Compression;

/// <summary>Row A13: what a peer sends as compressed never writes beyond the length that was said, and fills it or is refused.</summary>
public sealed class NativeCodecTests
{
    public static TheoryData<PayloadCodec> Codecs => [PayloadCodec.Lz4, PayloadCodec.Zstandard];

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Compress_ThenDecompress_GivesTheSameBytes(PayloadCodec codec)
    {
        NativeCodec native = Of(codec);
        var random = new Random(1);
        for (int round = 0; round < 200; round++)
        {
            byte[] bytes = Text(random, random.Next(1, 300_000));
            byte[] compressed = new byte[bytes.Length + 1024];
            int length = native.Compress(bytes, compressed);
            byte[] restored = new byte[bytes.Length];

            Assert.InRange(length, 1, compressed.Length);
            Assert.True(native.TryDecompress(compressed.AsSpan(0, length), restored));
            Assert.Equal(bytes, restored);
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Compress_WhenTheResultDoesNotFit_IsNothing(PayloadCodec codec)
    {
        byte[] noise = new byte[100_000];
        new Random(2).NextBytes(noise);

        Assert.Equal(0, Of(codec).Compress(noise, new byte[90_000]));
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void TryDecompress_IntoAnotherLength_IsRefusedAndStaysInside(PayloadCodec codec)
    {
        NativeCodec native = Of(codec);
        byte[] bytes = new byte[1_000_000];       // a bomb: a few hundred bytes become a million
        byte[] compressed = new byte[100_000];
        int length = native.Compress(bytes, compressed);
        foreach (int wanted in (int[])[1, 500, 999_999, 1_000_001])
        {
            byte[] room = new byte[wanted + 64];
            room.AsSpan().Fill(0xEE);

            Assert.False(native.TryDecompress(compressed.AsSpan(0, length), room.AsSpan(0, wanted)));
            Assert.Equal(-1, room.AsSpan(wanted).IndexOfAnyExcept((byte)0xEE));
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void TryDecompress_OfDamagedBytes_NeverWritesBeyondTheEnd(PayloadCodec codec)
    {
        NativeCodec native = Of(codec);
        var random = new Random(3);
        byte[] bytes = Text(random, 20_000);
        byte[] good = new byte[30_000];
        good = good[..native.Compress(bytes, good)];
        int refused = 0;
        for (int round = 0; round < 2000; round++)
        {
            byte[] damaged = [.. good];
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            damaged = random.Next(3) == 0 ? damaged[..random.Next(damaged.Length)] : damaged;
            byte[] room = new byte[bytes.Length + 64];
            room.AsSpan().Fill(0xEE);
            refused += native.TryDecompress(damaged, room.AsSpan(0, bytes.Length)) ? 0 : 1;

            Assert.Equal(-1, room.AsSpan(bytes.Length).IndexOfAnyExcept((byte)0xEE));
        }

        Assert.True(refused > 100, $"{refused} of 2000 were refused");
    }

    [Fact]
    public void TryDecompress_OfOtherWritersBytes_Restores()
    {
        // 24 times 'a': by "zstd -1 --no-check", and as an LZ4 block by hand, of 1 literal, a match of 18 at offset 1 and 5 literals.
        byte[] expected = [.. Enumerable.Repeat((byte)'a', 24)];
        byte[] restored = new byte[24];

        Assert.True(Of(PayloadCodec.Zstandard).TryDecompress(Convert.FromHexString("28B52FFD004845000010616101000AC002"), restored));
        Assert.Equal(expected, restored);
        restored.AsSpan().Clear();
        Assert.True(Of(PayloadCodec.Lz4).TryDecompress(Convert.FromHexString("1E61010050" + "6161616161"), restored));
        Assert.Equal(expected, restored);
    }

    [Fact]
    public void Of_None_IsNull() => Assert.Null(NativeCodec.Of(PayloadCodec.None));

    private static NativeCodec Of(PayloadCodec codec)
    {
        NativeCodec? native = NativeCodec.Of(codec);
        Assert.SkipWhen(native is null, $"this system has no {codec}");
        return native;
    }

    // Words again and again, as files of people have them.
    private static byte[] Text(Random random, int length)
    {
        byte[] bytes = new byte[length];
        for (int at = 0; at < length;)
        {
            byte[] word = System.Text.Encoding.ASCII.GetBytes($"{random.Next(500)} ");
            int fits = Math.Min(word.Length, length - at);
            word.AsSpan(0, fits).CopyTo(bytes.AsSpan(at));
            at += fits;
        }

        return bytes;
    }
}
