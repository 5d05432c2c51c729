using System.Net.Sockets;
using System.Runtime.CompilerServices;
using ClusterTransfer.Transport.Connections;

namespace ClusterTransfer.Transport.Records;

/// <summary>A connected socket that tells of every byte it moves: a record takes longer than a silence may last on a slow link.</summary>
/// <remarks>One sender and one receiver at a time. Does not own the socket.</remarks>
internal sealed class ProgressSocket
{
    // What the kernel has no room for is handed over in parts of this size, each of which is progress.
    private const int SlowPart = 16 * 1024;

    private readonly Socket _socket;
    private readonly Liveness _liveness;

    public ProgressSocket(Socket socket, Liveness liveness)
    {
        _socket = socket;
        _liveness = liveness;
        socket.Blocking = false;   // so that Send takes what fits and says how much that was
    }

    /// <summary>The time now.</summary>
    public long Timestamp => _liveness.Timestamp;

    /// <summary>The time since then.</summary>
    public TimeSpan Since(long timestamp) => _liveness.Elapsed(timestamp);

    /// <summary>Sends all of it.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            _liveness.WriteProgressed();
            while (!bytes.IsEmpty)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int sent = _socket.Send(bytes.Span, SocketFlags.None, out SocketError error);
                if (sent == 0)
                {
                    if (error is not (SocketError.WouldBlock or SocketError.Success))
                    {
                        throw new SocketException((int)error);
                    }

                    sent = await _socket.SendAsync(bytes[..Math.Min(bytes.Length, SlowPart)], SocketFlags.None, cancellationToken).ConfigureAwait(false);
                }

                _liveness.WriteProgressed();
                bytes = bytes[sent..];
            }

            _liveness.WriteEnded();
        }
        catch (SocketException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    /// <summary>Receives what is there, at least one byte; 0 when the peer has ended its half.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReceiveAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        try
        {
            int received = await _socket.ReceiveAsync(destination, SocketFlags.None, cancellationToken).ConfigureAwait(false);
            _liveness.BytesReceived(received);
            return received;
        }
        catch (SocketException error)
        {
            throw new IOException(error.Message, error);
        }
    }
}
