namespace ClusterTransfer.Fuzz.Tests;

/// <summary>The short form of <c>scripts/fuzz.sh all</c>: no input breaks a promise of its parser, and the run is not vacuous.</summary>
public sealed class ShortFormTests
{
    // Each seed of a target comes first, then damaged and made-up ones; a row costs several statements.
    private const int Most = 25_000;
    private const int MostRows = 5_000;

    public static TheoryData<string> Names => [.. FuzzTargets.Create().Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Target_SeededInputs_KeepsItsPromises(string name)   // N9, N10, D12, Q6
    {
        var run = new FuzzRun(Target(name), seed: 20_261);
        run.Run(0, name == "row" ? MostRows : Most);

        // A run in which nothing was accepted, or nothing refused, would prove nothing.
        Assert.InRange(run.Valid, run.Count / 20, run.Count - (run.Count / 20));
        Assert.True(run.Kinds.Count > 2, string.Join(", ", run.Kinds.Keys));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Input_OfASeedAndIndex_IsTheSameEachTime(string name)
    {
        var random = new FuzzRandom();
        string Show(IFuzzTarget target, long index)
        {
            random.Start(7, index);
            FuzzCase input = target.Make(index, random);
            return $"{input.Kind} {input.Show()}";
        }

        IFuzzTarget one = Target(name);
        string[] forward = [.. Enumerable.Range(500, 40).Select(index => Show(one, index))];
        IFuzzTarget two = Target(name);
        string[] backward = [.. Enumerable.Range(500, 40).Reverse().Select(index => Show(two, index)).Reverse()];
        Assert.Equal(forward, backward);
        Assert.True(forward.Distinct().Count() > 20);
    }

    private static IFuzzTarget Target(string name) => FuzzTargets.Create().Single(target => target.Name == name);
}
