using ClusterTransfer.Chaos.Scenarios;

namespace ClusterTransfer.Chaos;

/// <summary>A seeded sample of each run of the proving ground; scripts/chaos.sh plays all of them.</summary>
[Trait("category", "slow")]
public sealed class ProvingGroundTests(ITestOutputHelper output)
{
    private const int Seed = 4;

    [Theory]
    [InlineData("call-kill", 40)]
    [InlineData("call-eio", 40)]
    [InlineData("call-enospc", 40)]
    [InlineData("call-tree", 20)]
    [InlineData("call-short", 8)]
    [InlineData("slow-disk", 2)]
    [InlineData("power-cut", 3)]
    [InlineData("memory-cap", 1)]
    [InlineData("point-kill", 6)]
    [InlineData("point-crash", 4)]
    [InlineData("flip-staged", 30)]
    [InlineData("flip-journal", 2)]
    [InlineData("flip-wire", 40)]
    [InlineData("freeze", 2)]
    [InlineData("successor", 2)]
    [InlineData("connect-storm", 400)]
    public async Task Sample_HoldsEveryClaim(string name, int count)
    {
        Scenario scenario = AllScenarios.Find(name)!; // a name that is not there fails here
        var run = new ScenarioRun(Seed, count, TimeSpan.FromSeconds(20), output.WriteLine);

        try
        {
            await scenario.RunAsync(run);
        }
        catch (MissingToolException missing)
        {
            Assert.Skip(missing.Message);
        }

        Assert.NotEqual(0, run.Coverage.Total);
    }

    [Fact]
    public async Task Run_InWhichNothingFired_IsInvalid()
    {
        var nothing = new Scenario("nothing", "I12", "", 1, 1, _ => Task.CompletedTask);
        await Assert.ThrowsAsync<InvalidRunException>(() => nothing.RunAsync(new ScenarioRun(Seed, 1, TimeSpan.Zero, output.WriteLine)));
    }
}
