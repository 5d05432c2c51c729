namespace ClusterTransfer.Actors;

/// <summary>The top of the tree of one system.</summary>
public sealed class RootActorPath : ActorPath
{
    /// <summary>The root of the system at that address.</summary>
    public RootActorPath(Address address)
        : base(null, "/", 0)
    {
        ArgumentNullException.ThrowIfNull(address);
        RootAddress = address;
    }

    internal Address RootAddress { get; }
}
