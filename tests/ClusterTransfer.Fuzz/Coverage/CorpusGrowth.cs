using System.Security.Cryptography;
using ClusterTransfer.Fuzz.Bytes;

namespace ClusterTransfer.Fuzz.Coverage;

/// <summary>Lets coverage guide: an input that takes a way nobody took before is kept, and damaged further.</summary>
/// <remarks>Only finds inputs for the corpus. A counted run tries the corpus without looking at coverage, so that seed and index alone repeat an input.</remarks>
public sealed class CorpusGrowth(ByteTarget target, long seed)
{
    private readonly FuzzRandom _random = new();
    private readonly Damage _damage = new();
    private readonly List<byte[]> _pool = [];

    /// <summary>Tries so many inputs and writes what reached something new to a folder.</summary>
    /// <returns>Inputs that were kept.</returns>
    public int Run(long count, string folder)
    {
        for (long i = 0; i < target.AllSeeds.Count; i++)
        {
            _random.Start(seed, i);
            _ = target.Make(i, _random).Run();
            if (!target.AllSeeds[(int)i].IsHeavy)
            {
                _pool.Add(target.AllSeeds[(int)i].Bytes);
            }
        }

        int taken = BranchMap.Count;
        int kept = 0;
        Directory.CreateDirectory(folder);
        for (long i = target.AllSeeds.Count; i < count; i++)
        {
            _random.Start(seed, i);
            FuzzCase input = _random.Next(2) == 0 ? target.Make(i, _random) : Bred();
            _ = input.Run();
            int now = BranchMap.Count;
            if (now > taken)
            {
                byte[] bytes = input.Bytes.ToArray();
                taken = now;
                kept++;
                _pool.Add(bytes);
                File.WriteAllBytes(Path.Combine(folder, $"found-{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 6))}.bin"), bytes);
            }
        }

        return kept;
    }

    // What was kept last led somewhere new, and is tried more often.
    private FuzzCase Bred()
    {
        int from = _random.Next(3) == 0 ? Math.Max(0, _pool.Count - 8) : 0;
        _damage.Begin(_pool[_random.Next(from, _pool.Count)]);
        for (int changes = _random.Next(1, 8); changes > 0; changes--)
        {
            target.Change(_damage, _random);
        }

        byte[] bytes = _damage.Bytes.ToArray();
        int choice = _random.Next();
        return new FuzzCase("bred", () => Convert.ToHexString(bytes), () => target.Try(bytes, choice)) { Bytes = bytes };
    }
}
