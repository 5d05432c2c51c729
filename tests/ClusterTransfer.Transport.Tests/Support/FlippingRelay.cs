using System.Net;
using System.Net.Sockets;

namespace ClusterTransfer.Transport.Tests.Support;

/// <summary>A TCP relay for one connection that flips one bit of what the client sends.</summary>
internal sealed class FlippingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public FlippingRelay(int targetPort, long flipAt)
    {
        _listener.Start();
        _running = RunAsync(targetPort, flipAt);
    }

    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(int targetPort, long flipAt)
    {
        try
        {
            using Socket client = await _listener.AcceptSocketAsync(_stop.Token);
            using var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await server.ConnectAsync(IPAddress.Loopback, targetPort, _stop.Token);
            await Task.WhenAny(CopyAsync(client, server, flipAt), CopyAsync(server, client, long.MaxValue));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
            // The test is over, or one end is gone.
        }
    }

    private async Task CopyAsync(Socket from, Socket to, long flipAt)
    {
        byte[] buffer = new byte[8192];
        long position = 0;
        int read;
        while ((read = await from.ReceiveAsync(buffer, _stop.Token)) > 0)
        {
            if (flipAt >= position && flipAt < position + read)
            {
                buffer[flipAt - position] ^= 0x10;
            }

            position += read;
            await to.SendAsync(buffer.AsMemory(0, read), _stop.Token);
        }
    }
}
