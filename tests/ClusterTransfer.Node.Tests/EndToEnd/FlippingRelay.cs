using System.Net;
using System.Net.Sockets;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>A TCP relay that flips one bit of what the dialler sends, in each of its first connections.</summary>
internal sealed class FlippingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];
    private readonly long _flipAt;
    private readonly Task _accepting;
    private int _left;
    private int _flipped;

    /// <summary>Starts to listen on loopback.</summary>
    /// <param name="connections">How many of the first connections.</param>
    /// <param name="flipAt">Which byte of them.</param>
    public FlippingRelay(int connections, long flipAt)
    {
        (_left, _flipAt) = (connections, flipAt);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => _listener.LocalEndpoint.ToString()!; // it listens

    /// <summary>Where it relays to.</summary>
    public IPEndPoint? Target { get; set; }

    /// <summary>How many bits it has flipped.</summary>
    public int Flipped => Volatile.Read(ref _flipped);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        await Task.WhenAll(_running);
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync(_stop.Token);
                _running.Add(RelayAsync(socket, _left-- > 0 ? _flipAt : long.MaxValue));
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task RelayAsync(Socket client, long flipAt)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            await server.ConnectAsync(Target ?? throw new InvalidOperationException("The relay was not told where to."), _stop.Token);
            await Task.WhenAny(CopyAsync(client, server, flipAt), CopyAsync(server, client, long.MaxValue));
        }
    }

    private async Task CopyAsync(Socket from, Socket to, long flipAt)
    {
        byte[] buffer = new byte[16 * 1024];
        long position = 0;
        try
        {
            while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and var read)
            {
                if (flipAt >= position && flipAt < position + read)
                {
                    buffer[flipAt - position] ^= 0x10;
                    Interlocked.Increment(ref _flipped);
                }

                position += read;
                await to.SendAsync(buffer.AsMemory(0, read), _stop.Token);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over, or one end is gone.
        }
    }
}
