using ClusterTransfer.Model;
using ClusterTransfer.Transport.Identity;

namespace ClusterTransfer.Benchmarks.RecordLayers;

/// <summary>A cluster of two nodes, a and b, in a folder of its own.</summary>
internal sealed class Identities : IDisposable
{
    public Identities()
    {
        ClusterAuthority.Create(Folder, "benchmark", TimeProvider.System);
        foreach (string node in (string[])["a", "b"])
        {
            ClusterAuthority.Issue(Folder, new NodeId(node), [], Folder, TimeProvider.System);
        }
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("ct-record-layers-").FullName;

    public NodeIdentity Load(string node) =>
        NodeIdentity.Load(Path.Combine(Folder, "ca.crt"), Path.Combine(Folder, $"{node}.crt"), Path.Combine(Folder, $"{node}.key"), new NodeId(node), TimeProvider.System);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
