using ClusterTransfer.Fuzz.Bytes;

namespace ClusterTransfer.Fuzz.Tests;

/// <summary>A harness that sees nothing finds nothing: it must notice what a broken parser does.</summary>
public sealed class HarnessTests
{
    [Fact]
    public void Run_WhenTheParserThrows_NamesSeedIndexAndInput()
    {
        var run = new FuzzRun(new Broken(input => input[input.Length] == 0), seed: 3);
        FuzzException error = Assert.Throws<FuzzException>(() => run.Run(0, 1_000));
        Assert.Contains("broken, seed 3, index 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("IndexOutOfRangeException", error.Message, StringComparison.Ordinal);
        Assert.Contains("01020304", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_WhenTheParserAllocatesForALengthItRead_Fails()
    {
        var run = new FuzzRun(new Broken(input => BitConverter.ToInt32([.. input, 0, 0, 0, 0]) is > 100_000 and < 200_000_000 and int length && new byte[length].Length > 0), seed: 3);
        FuzzException error = Assert.Throws<FuzzException>(() => run.Run(0, 100_000));
        Assert.IsType<AllocationException>(error.InnerException);
    }

    [Fact]
    public void Run_CountsWhatWasAcceptedAndHowInputsWereMade()
    {
        var run = new FuzzRun(new Broken(input => input.Length % 2 == 0), seed: 3);
        run.Run(0, 1_000);
        Assert.Equal(1_000, run.Count);
        Assert.Equal(run.Count, run.Kinds.Values.Sum());
        Assert.Equal(2, run.Kinds["seed"] > 1 ? 2 : 0);
        Assert.InRange(run.Valid, 1, 999);
    }

    [Fact]
    public void Damage_OfAnyInput_StaysWithinItsLimitAndUsesEveryChange()
    {
        var random = new FuzzRandom();
        var damage = new Damage();
        random.Start(1, 1);
        for (int i = 0; i < 50_000; i++)
        {
            if (i % 100 == 0)
            {
                damage.Begin(new byte[(i % 1_000) * 70]);
            }

            damage.Change(random, [[1, 2, 3]], isText: true);
            Assert.InRange(damage.Length, 0, Damage.MaxLength);
        }

        Assert.All(damage.Used, change => Assert.True(change.Count > 100, change.Name));
    }

    private sealed class Broken(Func<byte[], bool> parse) : ByteTarget
    {
        public override string Name => "broken";

        public override IReadOnlyList<ParserPart> Parser => [];

        protected override IEnumerable<Seed> Seeds => [new Seed("one", [1, 2, 3, 4]), new Seed("two", [5, 6, 7, 8, 9])];

        public override bool Try(byte[] input, int choice)
        {
            Allocation allocation = Allocation.Begin();
            bool good = parse(input);
            allocation.End(input.Length, 16, 16 * 1024);
            return good;
        }
    }
}
