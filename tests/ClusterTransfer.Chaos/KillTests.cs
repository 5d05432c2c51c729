using ClusterTransfer.Chaos.Harness;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Chaos;

/// <summary>kill -9 of each role while a large file is on its way: at 10, 45 and 80 % of durable bytes of one transfer. It goes on by itself and ends equal.</summary>
[Trait("category", "slow")]
public sealed class KillTests(SourceData data, ITestOutputHelper output)
{
    private static readonly double[] Moments = [0.10, 0.45, 0.80];

    [Fact]
    [Trait("row", "P1")]
    [Trait("row", "P2")]
    public Task Destination_KilledThreeTimes_TransferCompletesEqual() => Cluster.RunAsync(hubApart: true, data.Folder, async cluster =>
    {
        TransferResource ended = await KillAtEachMomentAsync(cluster, data.Large, cluster.Destination, client: cluster.Hub, "session-lost");
        Assert.True(ended.Sessions > Moments.Length, "Not every kill ended a session.");
        AssertSentAgain(cluster, data.Large, kills: Moments.Length);
    });

    // The client talks to the node that dies.
    [Fact]
    [Trait("row", "P1")]
    [Trait("row", "P2")]
    public Task Source_KilledThreeTimes_TransferCompletesEqual() => Cluster.RunAsync(hubApart: true, data.Folder, async cluster =>
    {
        TransferResource ended = await KillAtEachMomentAsync(cluster, data.Large, cluster.Source, client: cluster.Source, "lost the node", "back after", "session-lost");
        Assert.True(ended.Sessions > Moments.Length, "Not every kill ended a session.");
        AssertSentAgain(cluster, data.Large, kills: Moments.Length);
    });

    // Source and destination need no hub to go on: their session outlives it, and not one chunk is sent twice.
    [Fact]
    [Trait("row", "P1")]
    [Trait("row", "P2")]
    public Task Hub_KilledThreeTimes_TransferCompletesEqual() => Cluster.RunAsync(hubApart: true, data.Folder, async cluster =>
    {
        TransferResource ended = await KillAtEachMomentAsync(cluster, data.Large, cluster.Hub, client: cluster.Hub, "lost the node", "back after");
        Assert.Equal(1, ended.Sessions);
        AssertSentAgain(cluster, data.Large, kills: 0);
    });

    [Fact]
    [Trait("row", "P1")]
    public Task HubThatIsTheSource_KilledThreeTimes_TransferCompletesEqual() => Cluster.RunAsync(hubApart: false, data.Folder, async cluster =>
    {
        TransferResource ended = await KillAtEachMomentAsync(cluster, data.Medium, cluster.Source, client: cluster.Source, "lost the node", "back after", "session-lost");
        Assert.True(ended.Sessions > Moments.Length, "Not every kill ended a session.");
        AssertSentAgain(cluster, data.Medium, kills: Moments.Length);
    });

    private async Task<TransferResource> KillAtEachMomentAsync(Cluster cluster, SourceFile file, NodeProcess victim, NodeProcess client, params string[] said)
    {
        bool carriesData = victim == cluster.Source || victim == cluster.Destination;

        // The data is held a little past each moment until the kill has come, so that no machine is too busy to see it.
        cluster.Relay.HoldAt(JustPast(0));
        (CopyRun copy, TransferFollower transfer) = await cluster.CopyAsync(file.Name, client, observer: cluster.Hub);
        int kills = 0;
        int sessions = 0;
        foreach (double moment in Moments)
        {
            TransferResource at = await transfer.WhenAsync(
                $"{moment:P0} are durable after {kills} kills",
                now => now.Progress.BytesDurable >= moment * file.Size && (!carriesData || now.Sessions > sessions));
            Assert.Equal(TransferState.Active, at.State);
            await victim.KillAsync();
            kills++;
            cluster.Relay.HoldAt(carriesData ? PastKilled(at.Progress.BytesDurable) : JustPast(kills));
            sessions = at.Sessions;
            output.WriteLine($"{victim.Name} killed at {at.Progress.BytesDurable >> 20} MiB durable, {cluster.Relay.BytesForward >> 20} MiB passed");
            await cluster.RestartAsync(victim);
        }

        TransferResource ended = await transfer.EndedAsync();
        Assert.Equal(TransferState.Completed, ended.State);
        Assert.Equal(ended.Sessions - 1, transfer.Count("session-lost"));
        await copy.SucceededAsync(said);
        await Equality.OfFileAsync(cluster, data, file);
        await Equality.NothingLeftAsync(cluster, transfer.Id);
        Assert.True(ended.Progress.BytesSent >= file.Size, $"{ended.Progress.BytesSent} bytes are said to have been sent of {file.Size}.");
        output.WriteLine($"by the nodes' own account {ended.Progress.BytesSent >> 20} MiB were sent in {ended.Sessions} sessions");
        return ended;

        // What was under way is sent again first; not so much that the transfer could end before the next kill.
        long PastKilled(long durable) => kills < Moments.Length
            ? cluster.Relay.BytesForward + (long)((Moments[kills] + 0.18) * file.Size) - durable
            : long.MaxValue;

        long JustPast(int moment) => moment < Moments.Length ? (long)((Moments[moment] + 0.05) * file.Size) : long.MaxValue;
    }

    private void AssertSentAgain(Cluster cluster, SourceFile file, int kills)
    {
        // What a kill may cost: one checkpoint and the window of the session.
        long allowed = kills * ((long)cluster.CheckpointBytes + cluster.WindowBytes);
        long again = cluster.Relay.BytesForward - file.Size;
        output.WriteLine($"{again >> 20} MiB were sent again, TLS included; allowed for {kills} kills: {allowed >> 20} MiB");

        // TLS and frame headers take less than half a percent.
        Assert.InRange(again, 0, allowed + (file.Size / 200));
    }
}
