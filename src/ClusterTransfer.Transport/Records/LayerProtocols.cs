using System.Net.Security;
using ClusterTransfer.Transport.Connections;

namespace ClusterTransfer.Transport.Records;

/// <summary>The names under which record layers are agreed inside the TLS handshake, which nobody on the way can change.</summary>
internal static class LayerProtocols
{
    public static readonly SslApplicationProtocol Tls = new("ct/1");
    public static readonly SslApplicationProtocol Sealed = new("ct/1-sealed");
    public static readonly SslApplicationProtocol Plain = new("ct/1-plain");

    /// <summary>What this end offers and takes, the preferred one first.</summary>
    public static List<SslApplicationProtocol> Of(DataPlaneOptions options) => options switch
    {
        { RecordLayer: RecordLayer.Tls } => [Tls],
        { RecordLayer: RecordLayer.Plain } => [Plain, Sealed, Tls],
        _ => [Sealed, Tls],
    };

    /// <summary>The layer that was agreed; null for anything that this end did not offer.</summary>
    public static RecordLayer? Agreed(SslApplicationProtocol protocol, DataPlaneOptions options) =>
        !Of(options).Contains(protocol) ? null
        : protocol == Sealed ? RecordLayer.Sealed
        : protocol == Tls ? RecordLayer.Tls
        : RecordLayer.Plain;
}
