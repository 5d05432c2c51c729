using ClusterTransfer.Storage.Incoming;

namespace ClusterTransfer.Storage.Tests.Incoming.Recovery;

/// <summary>Crashes at random moments, recovery included, until the transfer gets through: recovery is idempotent and never loses what was durable.</summary>
public sealed class RandomCrashTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Crash_AgainAndAgain_EndsEqual(int seed)
    {
        var random = new Random(seed);
        using var to = new Destination();
        ManualSource source = ManualSource.Tree(seed, pageSize: 1 + random.Next(8));
        int crashes = 0;
        HashSet<uint> durable = [];
        while (true)
        {
            int left = random.Next(1, 40);
            bool isDead = false;
            void Reach(string point)
            {
                if (isDead || --left == 0)
                {
                    isDead = true;
                    throw new PlayedCrashException();
                }
            }

            IncomingTransfer? transfer = null;
            try
            {
                transfer = to.Open(to.Options with { FaultPoint = Reach });
                Assert.Equal(0, transfer.Recovery.ChunksLost);
                HashSet<uint> wanted = [.. source.Wanted(transfer, allPages: false).Select(chunk => chunk.Index.Value)];
                Assert.Empty(durable.Intersect(wanted)); // I3: what was told as durable is still there
                source.Deliver(transfer, random.Next(1, 5), told => durable.UnionWith(told.Durable.Select(chunk => chunk.Value)));
                break;
            }
            catch (PlayedCrashException)
            {
                crashes++;
                Assert.True(crashes < 1000, "no progress");
            }
            finally
            {
                transfer?.Dispose();
            }

            to.AssertNoPart(source);
        }

        to.AssertEquals(source);
        Assert.Empty(to.Staged());
        Assert.True(crashes > 0);
    }
}
