using System.Net;
using System.Net.Sockets;

namespace ClusterTransfer.TestKit;

/// <summary>A TCP relay on loopback; what it does to the bytes is for those that derive from it. Dispose ends all it carries.</summary>
public abstract class TcpRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];
    private readonly Task _accepting;

    /// <summary>Starts to listen.</summary>
    protected TcpRelay()
    {
        _listener.Start();
        Address = _listener.LocalEndpoint.ToString()!;   // it listens
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public string Address { get; }

    /// <summary>Where it relays to.</summary>
    public IPEndPoint? Target { get; set; }

    /// <summary>Ends when the test does.</summary>
    protected CancellationToken Stopping => _stop.Token;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        await Task.WhenAll(_running);
        _listener.Dispose();
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Carries one connection, until one end is gone or the test is over; both sockets are closed after it.</summary>
    protected abstract Task CarryAsync(Socket client, Socket server);

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
            try
            {
                await server.ConnectAsync(Target ?? throw new InvalidOperationException("The relay was not told where to."), _stop.Token);
                await CarryAsync(client, server);
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException)
            {
                // The test is over, or one end is gone.
            }
        }
    }
}
