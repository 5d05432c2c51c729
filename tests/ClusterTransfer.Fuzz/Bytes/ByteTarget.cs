using System.Text;

namespace ClusterTransfer.Fuzz.Bytes;

/// <summary>A target whose inputs are bytes: seeds and made-up inputs, most of them damaged.</summary>
public abstract class ByteTarget : IFuzzTarget
{
    // Long seeds are tried as they are and then seldom: time is better spent on many short inputs.
    private const int Long = 4 * 1024;
    private const int MaxChanges = 6;

    private readonly Damage _damage = new();
    private Seed[]? _seeds;
    private Seed[]? _short;
    private Seed[]? _light;

    public abstract string Name { get; }

    public abstract IReadOnlyList<ParserPart> Parser { get; }

    /// <summary>Explicit seeds and kept inputs.</summary>
    public IReadOnlyList<Seed> AllSeeds => _seeds ??= [.. Seeds, .. Seed.Kept(Name)];

    /// <summary>How often each change was made.</summary>
    public IEnumerable<(string Name, long Count)> Changes => _damage.Used;

    /// <summary>Bytes that mean something to the parser.</summary>
    protected virtual IReadOnlyList<byte[]> Pieces => [];

    /// <summary>Whether the parser reads text.</summary>
    protected virtual bool IsText => false;

    /// <summary>Inputs that say what they are about.</summary>
    protected abstract IEnumerable<Seed> Seeds { get; }

    public FuzzCase Make(long index, Random random)
    {
        IReadOnlyList<Seed> seeds = AllSeeds;
        if (index < seeds.Count)
        {
            return Case("seed", seeds[(int)index].Bytes, random.Next());
        }

        Seed[] ready = _short ??= [.. seeds.Where(seed => seed.Bytes.Length <= Long && !seed.IsHeavy)];
        Seed[] all = _light ??= [.. seeds.Where(seed => !seed.IsHeavy)];
        string kind;
        int source = random.Next(16);
        if (source < 6 && MakeUp(random) is { } made)
        {
            _damage.Begin(made);
            kind = "made";
        }
        else if (source < 8)
        {
            byte[] one = ready[random.Next(ready.Length)].Bytes;
            byte[] two = ready[random.Next(ready.Length)].Bytes;
            _damage.Begin(one.AsSpan(0, random.Next(one.Length + 1)));
            _damage.Insert(_damage.Length, two.AsSpan(random.Next(two.Length + 1)));
            kind = "joined";
        }
        else
        {
            bool anyLength = random.Next(2048) == 0;
            _damage.Begin(anyLength ? all[random.Next(all.Length)].Bytes : ready[random.Next(ready.Length)].Bytes);
            kind = "seed";
        }

        int changes = random.Next(kind == "made" ? 3 : MaxChanges);
        for (int i = 0; i < changes; i++)
        {
            _damage.Change(random, Pieces, IsText);
        }

        if (changes > 0 || kind == "joined")
        {
            kind = kind switch { "made" => "made, damaged", "joined" => "joined, damaged", _ => "seed, damaged" };
            Mend(_damage, random);
        }

        return Case(kind, _damage.Bytes.ToArray(), random.Next());
    }

    /// <summary>Makes one change to an input and mends what must fit it.</summary>
    public void Change(Damage damage, Random random)
    {
        damage.Change(random, Pieces, IsText);
        Mend(damage, random);
    }

    /// <summary>Tries bytes.</summary>
    /// <param name="input">The input.</param>
    /// <param name="choice">Decides what an input does not say, such as how it is cut into reads.</param>
    /// <returns>Whether it was valid.</returns>
    public abstract bool Try(byte[] input, int choice);

    /// <summary>An input from the structure of the format; null where there is none.</summary>
    protected virtual byte[]? MakeUp(Random random) => null;

    /// <summary>Puts lengths and checksums right more often than not, so that damage behind them is reached.</summary>
    protected virtual void Mend(Damage damage, Random random)
    {
    }

    /// <summary>The input for a report.</summary>
    protected virtual string Show(byte[] input) => IsText ? Encoding.UTF8.GetString(input) : Convert.ToHexString(input);

    private FuzzCase Case(string kind, byte[] input, int choice) => new(kind, () => $"({input.Length} bytes, choice {choice})\n{Show(input)}", () => Try(input, choice)) { Bytes = input };
}
