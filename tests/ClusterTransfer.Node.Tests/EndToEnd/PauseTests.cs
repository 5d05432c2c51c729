using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.TestKit.Proxy;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>Row RS-14: pause and resume of two real nodes.</summary>
public sealed class PauseTests
{
    private const int Chunks = 8;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pause_InTheMiddle_HoldsAndGoesOnFromWhatIsDurable(bool destinationRestarts)
    {
        // Arrange
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup { WithProxy = true });
        string source = Files.Write(Path.Combine(cluster.Source, "file"), Chunks * Cluster.ChunkSize);
        int passed = 0;
        var gate = new Gate();
        cluster.Proxy.Script = async (frame, cancellationToken) =>
        {
            if (frame.IsChunk && Interlocked.Increment(ref passed) > 3)
            {
                await gate.PassAsync(cancellationToken);
            }

            return FrameFate.Forward;
        };
        TransferResource submitted = await cluster.SubmitAsync("src:file", "dst:", connections: 1);
        await gate.Reached;
        await cluster.EventAsync(submitted.Id, item => item.Transfer.Progress.BytesDurable >= 3 * Cluster.ChunkSize);

        // Act
        TransferResource wished = await cluster.Client.PauseAsync(submitted.Id.Value);
        TransferEvent paused = await cluster.EventAsync(submitted.Id, item => item.Kind == "paused");
        gate.Open();
        if (destinationRestarts)
        {
            await cluster.StopBetaAsync();
            await cluster.StartBetaAsync();
        }

        TransferResource held = await cluster.Client.GetAsync(submitted.Id.Value);
        TransferResource resumed = await cluster.Client.ResumeAsync(submitted.Id.Value);
        TransferResource done = await cluster.EndOfAsync(submitted.Id);

        // Assert
        Assert.Equal((DesiredState.Pause, DesiredState.Pause, DesiredState.Run), (wished.Desired, paused.Transfer.Desired, resumed.Desired));
        Assert.Equal((TransferState.Queued, 0, null), (held.State, held.Progress.Connections, held.Problem));
        Assert.Equal((TransferState.Completed, 2), (done.State, done.Sessions));
        Files.AssertEqual(source, Path.Combine(cluster.Target, "file"));
        Assert.InRange(Volatile.Read(ref passed), Chunks, (2 * Chunks) - 3);   // the three that were durable came once
        await cluster.NothingStagedAsync();
    }

    [Fact]
    public async Task Pause_AfterTheEnd_IsRefused()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Files.Write(Path.Combine(cluster.Source, "file"), 10);
        TransferResource done = await cluster.CopyAsync("src:file", "dst:");

        ClusterTransferApiException late = await Assert.ThrowsAsync<ClusterTransferApiException>(() => cluster.Client.PauseAsync(done.Id.Value));

        Assert.Equal(Reason.WrongState, late.Reason);
    }
}
