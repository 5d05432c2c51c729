using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Wire.Tests.Frames;

/// <summary>The bytes on the wire, pinned: a difference here is a change of protocol and needs a version and an ADR.</summary>
public sealed class GoldenFrameTests
{
    public static TheoryData<string> Names => [.. GoldenFrames.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Frame_IsWrittenAsItsGoldenBytes(string name) =>
        Assert.Equal(Convert.ToHexString(TestData.Hex($"Golden/{name}.hex")), Convert.ToHexString(GoldenFrames.All[name]));

    [Theory]
    [MemberData(nameof(Names))]
    public void GoldenBytes_AreReadAsAFrame(string name)
    {
        byte[] golden = TestData.Hex($"Golden/{name}.hex");
        Assert.True(FrameHeader.TryRead(golden, out FrameHeader header, out _));
        byte[] body = golden[FrameHeader.Size..];
        Assert.Equal(header.WireLength, body.Length);
        Assert.Equal(body, Reread(header, body));
    }

    [Fact]
    public void GoldenFiles_CoverEveryTypeOfFrame()
    {
        IEnumerable<FrameType> covered = GoldenFrames.All.Values.Select(frame => (FrameType)frame[3]);
        Assert.Empty(Enum.GetValues<FrameType>().Except(covered));
    }

    private static byte[]? Reread(FrameHeader header, byte[] body)
    {
        switch (header.Type)
        {
            case FrameType.ManifestPage:
                Assert.True(ManifestCodec.TryDecode(body, out ManifestPage? page, out _));
                Assert.Equal((ManifestCodec.IsSparse(body) ? GoldenFrames.SparsePage : GoldenFrames.Page).Entries, page.Entries);
                return ManifestCodec.Encode(page);
            case FrameType.Chunk:
                bool packed = header.Flags.HasFlag(FrameFlags.Packed);
                Assert.True(ChunkPrefix.TryRead(body, packed, out ChunkPrefix prefix));
                Assert.Equal(header.RawLength, body.Length - prefix.Length);
                uint[] absent = new uint[prefix.AbsentCount];
                prefix.CopyAbsentTo(absent);
                byte[] again = [.. body];
                ChunkPrefix.Write(again, packed, prefix.Digest, absent);
                return again;
            default:
                return BodyCase.Named(header.Type.ToString()).Reread(body);
        }
    }
}
