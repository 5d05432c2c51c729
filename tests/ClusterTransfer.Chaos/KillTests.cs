using ClusterTransfer.Chaos.Harness;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Chaos;

/// <summary>kill -9 of each role while a file of 2 GiB is on its way: at 10, 45 and 80 % of durable bytes of one transfer. It goes on by itself and ends equal.</summary>
[Trait("category", "slow")]
public sealed class KillTests(SourceData data, ITestOutputHelper output)
{
    // What a kill may cost: one checkpoint and the window of the session. TLS and frames add less than 1 %.
    private const long PerKill = (64 + 64) << 20;
    private static readonly double[] Moments = [0.10, 0.45, 0.80];

    [Fact]
    public Task Destination_KilledThreeTimes_TransferCompletesEqual() => KillAtEachMomentAsync(hubApart: true, cluster => cluster.Destination, cluster => cluster.Hub);

    private Task KillAtEachMomentAsync(bool hubApart, Func<Cluster, NodeProcess> victimOf, Func<Cluster, NodeProcess> clientOf) =>
        Cluster.RunAsync(hubApart, data.Folder, async cluster =>
        {
            Digest expected = data.Large;
            NodeProcess victim = victimOf(cluster);
            (CopyRun copy, TransferFollower transfer) = await cluster.CopyAsync(SourceData.LargeName, clientOf(cluster), cluster.Hub);
            int sessions = 1;
            foreach (double moment in Moments)
            {
                TransferResource at = await transfer.WhenAsync(
                    $"{moment:P0} are durable in session {sessions}",
                    now => now.Sessions >= sessions && now.Progress.BytesDurable >= moment * SourceData.LargeSize);
                Assert.Equal(TransferState.Active, at.State);
                await victim.KillAsync();
                output.WriteLine($"{victim.Name} killed at {at.Progress.BytesDurable >> 20} MiB durable, {cluster.Relay.BytesForward >> 20} MiB passed");
                await cluster.RestartAsync(victim);
                sessions++;
            }

            TransferResource ended = await transfer.EndedAsync();
            Assert.Equal(TransferState.Completed, ended.State);
            Assert.Equal(1 + Moments.Length, ended.Sessions);
            Assert.True(transfer.Count("session-lost") >= Moments.Length, "Not every kill ended a session.");
            await copy.SucceededAsync("session");
            long again = cluster.Relay.BytesForward - SourceData.LargeSize;
            output.WriteLine($"passed the relay {cluster.Relay.BytesForward}, sent by the source's account {ended.Progress.BytesSent}, of {SourceData.LargeSize}: {again >> 20} MiB again");
            Assert.InRange(again, 0, (Moments.Length * PerKill) + (SourceData.LargeSize / 100));
            await Equality.OfFileAsync(cluster, data, SourceData.LargeName, expected);
            await Equality.NothingLeftAsync(cluster, transfer.Id);
        });
}
