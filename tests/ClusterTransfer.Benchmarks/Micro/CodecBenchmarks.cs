using BenchmarkDotNet.Attributes;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Benchmarks.Micro;

/// <summary>The codecs of the data plane.</summary>
[MemoryDiagnoser]
public class CodecBenchmarks
{
    private readonly byte[] _frame = new byte[FrameHeader.Size];
    private readonly FrameHeader _header = new(FrameType.Chunk, FrameFlags.None, new SessionId(7), new Epoch(1, 1), new EntryIndex(3), new ChunkIndex(4), 4 << 20, (4 << 20) + 32);
    private ManifestPage _page = null!;   // made before anything runs
    private byte[] _encoded = [];

    /// <summary>Makes a page of 1,000 small files.</summary>
    [GlobalSetup]
    public void Make()
    {
        _header.Write(_frame);
        _page = Pages.OfSmallFiles(1000);
        _encoded = ManifestCodec.Encode(_page);
    }

    /// <summary>Writes the header of a frame, its check value included.</summary>
    [Benchmark]
    public void WriteHeader() => _header.Write(_frame);

    /// <summary>Reads and checks it.</summary>
    [Benchmark]
    public bool ReadHeader() => FrameHeader.TryRead(_frame, out _, out _);

    /// <summary>Encodes a manifest page of 1,000 files.</summary>
    [Benchmark]
    public byte[] EncodePage() => ManifestCodec.Encode(_page);

    /// <summary>Decodes and validates it.</summary>
    [Benchmark]
    public bool DecodePage() => ManifestCodec.TryDecode(_encoded, out _, out _);
}
