using ClusterTransfer.Model;

namespace ClusterTransfer.Transport.Connections;

/// <summary>Opens connections to other nodes: <see cref="DataDialer"/>, or one that a simulation makes.</summary>
public interface IDataDialer
{
    /// <summary>Connects and proves both ends; see <see cref="DataDialer.DialAsync"/>. The caller owns the connection.</summary>
    Task<IDataConnection> DialAsync(string hostPort, NodeId expectedPeer, CancellationToken cancellationToken);
}
