using ClusterTransfer.Model;

namespace ClusterTransfer.Simulation.Runs;

public sealed class WholeTransferTests
{
    [Fact]
    public void Run_WithoutFaults_CompletesAndEqualsTheSource()
    {
        using var place = new Workplace();
        for (int seed = 1; seed <= 20; seed++)
        {
            SeedResult result = SimRun.Of(seed, place, arm: _ => { });

            Assert.True(result.Violation is null && result.State == TransferState.Completed, $"Seed {seed}: {result.Violation}\n{result.Story}");
        }
    }

    [Fact]
    public void Run_OfTheSameSeedTwice_IsTheSameRun()
    {
        using var place = new Workplace();
        for (int seed = 1; seed <= 30; seed++)
        {
            SeedResult first = SimRun.Of(seed, place, verbose: true);
            SeedResult second = SimRun.Of(seed, place, verbose: true);

            Assert.True(first.Hash == second.Hash, $"Seed {seed}:\n{first.Story}\n\n-------- and\n\n{second.Story}");
        }
    }
}
