using System.Net;
using System.Net.Sockets;

namespace ClusterTransfer.Transport.Tests.Support;

/// <summary>A TCP relay whose directions can be turned into holes: what comes in is taken and never passed on, ends and resets included.</summary>
internal sealed class HoleRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _target;
    private readonly List<Task> _running = [];
    private readonly Task _accepting;

    public HoleRelay(int targetPort)
    {
        _target = targetPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Nothing gets from the dialler to the listener.</summary>
    public bool There { get; set; }

    /// <summary>Nothing gets back.</summary>
    public bool Back { get; set; }

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
                _running.Add(RelayAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task RelayAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            await server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
            await Task.WhenAll(CopyAsync(client, server, () => There), CopyAsync(server, client, () => Back));
        }
    }

    private async Task CopyAsync(Socket from, Socket to, Func<bool> isHole)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and var read)
            {
                if (!isHole())
                {
                    await to.SendAsync(buffer.AsMemory(0, read), _stop.Token);
                }
            }
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            // One end is gone, or the test is over.
        }

        if (!isHole())
        {
            to.LingerState = new LingerOption(true, 0);
            to.Close();
        }
    }
}
