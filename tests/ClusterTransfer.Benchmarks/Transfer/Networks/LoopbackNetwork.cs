namespace ClusterTransfer.Benchmarks.Transfer.Networks;

/// <summary>Both ends are here.</summary>
internal sealed class LoopbackNetwork : INetwork
{
    public Place Source => Place.Loopback;

    public Place Destination => Place.Loopback;

    public string Description => "loopback";

    public bool IsLocal => true;

    public static Task<INetwork> MakeAsync(CancellationToken cancellationToken) => Task.FromResult<INetwork>(new LoopbackNetwork());

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
