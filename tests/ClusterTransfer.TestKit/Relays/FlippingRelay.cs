using System.Net.Sockets;

namespace ClusterTransfer.TestKit;

/// <summary>Flips one bit of what the dialler sends, in each of its first connections.</summary>
/// <param name="connections">How many of the first connections.</param>
/// <param name="flipAt">Which byte of them.</param>
public sealed class FlippingRelay(int connections, long flipAt) : TcpRelay
{
    private int _left = connections;
    private int _flipped;

    /// <summary>How many bits it has flipped.</summary>
    public int Flipped => Volatile.Read(ref _flipped);

    /// <inheritdoc/>
    protected override Task CarryAsync(Socket client, Socket server) =>
        Task.WhenAny(CopyAsync(client, server, Interlocked.Decrement(ref _left) >= 0 ? flipAt : long.MaxValue), CopyAsync(server, client, long.MaxValue));

    private async Task CopyAsync(Socket from, Socket to, long at)
    {
        byte[] buffer = new byte[16 * 1024];
        long position = 0;
        try
        {
            while (await from.ReceiveAsync(buffer, Stopping) is > 0 and var read)
            {
                if (at >= position && at < position + read)
                {
                    buffer[at - position] ^= 0x10;
                    Interlocked.Increment(ref _flipped);
                }

                position += read;
                await to.SendAsync(buffer.AsMemory(0, read), Stopping);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over, or one end is gone.
        }
    }
}
