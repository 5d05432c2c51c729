namespace ClusterTransfer.Transport.Records;

/// <summary>What guards the bytes of a connection once its mutual TLS handshake is over.</summary>
public enum RecordLayer
{
    /// <summary>Sealed records of up to 256 KiB on the socket itself, with a key that was agreed inside TLS. The default.</summary>
    Sealed,

    /// <summary>The records of TLS.</summary>
    Tls,

    /// <summary>Nothing: whoever is on the way reads and changes all. For measurements only, and not to be had by configuration.</summary>
    Plain,
}
