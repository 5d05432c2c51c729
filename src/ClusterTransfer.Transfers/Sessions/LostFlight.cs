using ClusterTransfer.Model;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>What connections that ended took with them. It keeps its place in the window until the peer has answered something that was sent after the last end.</summary>
/// <remarks>A process that dies is noticed connection by connection, and what it said before is still read meanwhile. Without this, what came back from one dead
/// connection would go over the next, and a death would cost several windows.</remarks>
internal sealed class LostFlight
{
    // Of chunks on their way, so never more than those.
    private readonly HashSet<ChunkIndex> _sentSince = [];

    /// <summary>Bytes that may still count as on their way.</summary>
    public long Bytes { get; private set; }

    /// <summary>A connection has ended.</summary>
    /// <param name="bytes">What was on its way over it.</param>
    public void Lose(long bytes)
    {
        Bytes += bytes;
        _sentSince.Clear();
    }

    /// <summary>A chunk goes out.</summary>
    public void Launch(ChunkIndex chunk)
    {
        if (Bytes > 0)
        {
            _sentSince.Add(chunk);
        }
    }

    /// <summary>The peer has answered for a chunk.</summary>
    public void Hear(ChunkIndex chunk)
    {
        if (_sentSince.Contains(chunk))
        {
            Forget();
        }
    }

    /// <summary>The peer lives: it took a new connection.</summary>
    public void Forget()
    {
        Bytes = 0;
        _sentSince.Clear();
    }
}
