using ClusterTransfer.Wire.Compression;

namespace ClusterTransfer.Transfers.Compression;

/// <summary>What compression did for the chunks of a session that were sent, repeats included. Thread-safe.</summary>
internal sealed class CompressionCounters
{
    private long _lz4;
    private long _zstandard;
    private long _saved;

    public long ChunksLz4 => Interlocked.Read(ref _lz4);

    public long ChunksZstandard => Interlocked.Read(ref _zstandard);

    /// <summary>Payload bytes that need not be sent.</summary>
    public long BytesSaved => Interlocked.Read(ref _saved);

    public void Count(PayloadCodec codec, int length, int compressed)
    {
        switch (codec)
        {
            case PayloadCodec.Lz4:
                Interlocked.Increment(ref _lz4);
                break;
            case PayloadCodec.Zstandard:
                Interlocked.Increment(ref _zstandard);
                break;
            default:
                return;
        }

        Interlocked.Add(ref _saved, length - compressed);
    }
}
