using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Hashing;

namespace ClusterTransfer.Chaos.Harness;

/// <summary>One file to copy.</summary>
/// <param name="Name">Its name in <see cref="SourceData.Folder"/>.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Digest">BLAKE3 of the bytes as they were made.</param>
public sealed record SourceFile(string Name, long Size, Digest Digest);

/// <summary>What the scenarios copy: made once from a seed, shared by all of them read-only, deleted at the end.</summary>
public sealed class SourceData : IDisposable
{
    public const string TreeName = "tree";
    public const int TreeFiles = 20_000;

    private const ulong Seed = 20_251_120;
    private const int BlockSize = 1 << 20;

    private readonly string _folder = Directory.CreateTempSubdirectory("clustertransfer-chaos-source-").FullName;
    private readonly Lazy<SourceFile> _large;
    private readonly Lazy<SourceFile> _medium;
    private readonly Lazy<SourceFile> _huge;
    private readonly Lazy<long> _tree;

    public SourceData()
    {
        _large = new Lazy<SourceFile>(() => WriteFile("large.bin", (2L << 30) + 12_345, Seed));
        _medium = new Lazy<SourceFile>(() => WriteFile("medium.bin", (768L << 20) + 1, Seed + 3));
        _huge = new Lazy<SourceFile>(() => WriteFile("huge.bin", 4L << 30, Seed + 1));
        _tree = new Lazy<long>(WriteTree);
    }

    /// <summary>The folder that holds all of it.</summary>
    public string Folder => _folder;

    /// <summary>A file of 2 GiB; made at first use.</summary>
    public SourceFile Large => _large.Value;

    /// <summary>A file of 768 MiB, for what is not about size.</summary>
    public SourceFile Medium => _medium.Value;

    /// <summary>A file of 4 GiB.</summary>
    public SourceFile Huge => _huge.Value;

    /// <summary>Bytes in the tree; makes it at first.</summary>
    public long TreeBytes => _tree.Value;

    /// <summary>BLAKE3 of a file on disk.</summary>
    public static Digest HashOf(string file)
    {
        using FileStream stream = File.OpenRead(file);
        var hasher = new Blake3Hasher();
        byte[] block = new byte[BlockSize];
        for (int read; (read = stream.Read(block)) > 0;)
        {
            hasher.Append(block.AsSpan(0, read));
        }

        return hasher.Finish();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private SourceFile WriteFile(string name, long size, ulong seed)
    {
        using var stream = new FileStream(Path.Combine(_folder, name), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        var random = new Xoshiro(seed);
        var hasher = new Blake3Hasher();
        byte[] block = new byte[BlockSize];
        for (long left = size; left > 0; left -= BlockSize)
        {
            Span<byte> part = block.AsSpan(0, (int)Math.Min(left, BlockSize));
            random.Fill(block);
            hasher.Append(part);
            stream.Write(part);
        }

        return new SourceFile(name, size, hasher.Finish());
    }

    // Sizes from empty to 16 KiB, 100 files a folder, with modes and times of their own; a link and an empty folder in each tenth.
    private long WriteTree()
    {
        var random = new Xoshiro(Seed + 2);
        byte[] block = new byte[BlockSize];
        random.Fill(block);
        string root = Directory.CreateDirectory(Path.Combine(_folder, TreeName)).FullName;
        long bytes = 0;
        for (int i = 0; i < TreeFiles; i++)
        {
            string folder = Path.Combine(root, $"part-{i / 1000:00}", $"folder-{i / 100 % 10}");
            if (i % 100 == 0)
            {
                Directory.CreateDirectory(folder);
            }

            int size = (int)(random.Next() % 16_385);
            string file = Path.Combine(folder, $"file-{i:00000}.dat");
            File.WriteAllBytes(file, block.AsSpan((int)(random.Next() % (BlockSize - 16_384)), i % 50 == 0 ? 0 : size));
            File.SetUnixFileMode(file, (i % 3) switch { 0 => (UnixFileMode)0x1a4, 1 => (UnixFileMode)0x1ed, _ => (UnixFileMode)0x180 });
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddTicks(16_000_000_000_000_000 + (i * 10_000_019L)));
            bytes += i % 50 == 0 ? 0 : size;
        }

        foreach (string part in Directory.GetDirectories(root))
        {
            File.CreateSymbolicLink(Path.Combine(part, "link"), "folder-0/file-00000.dat");
            Directory.CreateDirectory(Path.Combine(part, "empty"));
        }

        return bytes;
    }

    // xoshiro256**, filling memory at several GB/s: the same bytes everywhere for the same seed, and nothing that compresses.
    private sealed class Xoshiro
    {
        private ulong _a;
        private ulong _b;
        private ulong _c;
        private ulong _d;

        public Xoshiro(ulong seed) => (_a, _b, _c, _d) = (Mix(ref seed), Mix(ref seed), Mix(ref seed), Mix(ref seed));

        public ulong Next()
        {
            ulong result = ulong.RotateLeft(_b * 5, 7) * 9;
            ulong shifted = _b << 17;
            _c ^= _a;
            _d ^= _b;
            _b ^= _c;
            _a ^= _d;
            _c ^= shifted;
            _d = ulong.RotateLeft(_d, 45);
            return result;
        }

        public void Fill(Span<byte> bytes)
        {
            foreach (ref ulong word in MemoryMarshal.Cast<byte, ulong>(bytes))
            {
                word = BitConverter.IsLittleEndian ? Next() : BinaryPrimitives.ReverseEndianness(Next());
            }
        }

        private static ulong Mix(ref ulong seed)
        {
            ulong z = seed += 0x9e3779b97f4a7c15;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            return z ^ (z >> 31);
        }
    }
}
