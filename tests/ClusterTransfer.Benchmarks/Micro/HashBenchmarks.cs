using BenchmarkDotNet.Attributes;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Hashing;

namespace ClusterTransfer.Benchmarks.Micro;

/// <summary>What guards every byte: BLAKE3 of chunks and of small files, CRC32C of frame headers.</summary>
[MemoryDiagnoser]
public class HashBenchmarks
{
    private byte[] _bytes = [];

    /// <summary>Length of what is hashed.</summary>
    [Params(1024, 16 * 1024, 1024 * 1024)]
    public int Bytes { get; set; }

    /// <summary>Makes the data.</summary>
    [GlobalSetup]
    public void Make()
    {
        _bytes = new byte[Bytes];
        new Random(1).NextBytes(_bytes);
    }

    /// <summary>The digest of a small file, or of the only chunk of one.</summary>
    [Benchmark]
    public Digest Blake3Hash() => Blake3.Hash(_bytes);

    /// <summary>A check value.</summary>
    [Benchmark]
    public uint Crc32COf() => Crc32C.Compute(_bytes);
}
