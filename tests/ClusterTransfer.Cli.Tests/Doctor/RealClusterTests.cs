using ClusterTransfer.Cli.Tests.Contexts;
using ClusterTransfer.Node.Tests.EndToEnd;

namespace ClusterTransfer.Cli.Tests.Doctor;

/// <summary>From nothing to a context that works, against real nodes.</summary>
public sealed class RealClusterTests(SharedCluster shared) : IClassFixture<SharedCluster>
{
    [Fact]
    public async Task LoginAndDoctor_OfARealCluster_FindNothingThatFails()
    {
        using var world = new UserWorld();
        PrivateText.Write(world["alpha.token"], shared.Cluster.AlphaToken);
        using CliRun login = world.NewRun(), doctor = world.NewRun(), list = world.NewRun();

        Assert.Equal((0, string.Empty), (await login.RunAsync(null, "login", "lab", "--node", shared.Cluster.Alpha.ApiAddress.ToString(), "--token-file", "alpha.token"), login.Error));
        int exit = await doctor.RunAsync(null, "doctor");

        TestContext.Current.TestOutputHelper?.WriteLine(doctor.Out);
        Assert.Equal(0, exit);
        Assert.Contains("ok    hub           The node is the hub.", doctor.Out, StringComparison.Ordinal);
        Assert.Contains("ok    nodes         2 nodes, all connected.", doctor.Out, StringComparison.Ordinal);
        Assert.Contains($"ok    token         It comes from {world["alpha.token"]}.", doctor.Out, StringComparison.Ordinal);
        Assert.Equal(0, await list.RunAsync(null, "ls"));
    }
}
