using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTransfer.TestKit.Proxy;

/// <summary>Stands between two nodes inside their TLS or sealed records, with copies of both nodes' keys, and does to each frame what a script says.</summary>
/// <remarks>Hello and session proofs are passed on unchanged and both ends see the certificate they expect, so that neither can tell.</remarks>
public sealed class FrameProxy : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly X509Certificate2 _asAcceptor;
    private readonly X509Certificate2 _asDialler;
    private readonly Lock _gate = new();
    private readonly List<ProxiedConnection> _connections = [];
    private readonly List<Task> _running = [];
    private readonly Task _accepting;

    /// <summary>Starts to listen on loopback.</summary>
    /// <param name="asAcceptor">What the dialling node sees: files of the accepting node's certificate and key.</param>
    /// <param name="asDialler">What the accepting node sees.</param>
    public FrameProxy((string Certificate, string Key) asAcceptor, (string Certificate, string Key) asDialler)
    {
        _asAcceptor = X509Certificate2.CreateFromPemFile(asAcceptor.Certificate, asAcceptor.Key);
        _asDialler = X509Certificate2.CreateFromPemFile(asDialler.Certificate, asDialler.Key);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>What the accepting node must advertise.</summary>
    public string Address => _listener.LocalEndPoint!.ToString()!;

    /// <summary>Where the accepting node listens.</summary>
    public IPEndPoint? Upstream { get; set; }

    /// <summary>What happens to frames; everything is passed on until it is set.</summary>
    public FrameScript Script { get; set; } = (_, _) => ValueTask.FromResult(FrameFate.Forward);

    /// <summary>All connections so far, ended ones included.</summary>
    public IReadOnlyList<ProxiedConnection> Connections
    {
        get
        {
            lock (_gate)
            {
                return [.. _connections];
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        Task[] running;
        lock (_gate)
        {
            running = [.. _running];
        }

        foreach (ProxiedConnection connection in Connections)
        {
            connection.Reset();
        }

        await Task.WhenAll(running);
        foreach (ProxiedConnection connection in Connections)
        {
            connection.Dispose();
        }

        _asAcceptor.Dispose();
        _asDialler.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync();
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                return;   // disposed
            }

            lock (_gate)
            {
                var connection = new ProxiedConnection(_connections.Count + 1, socket);
                _connections.Add(connection);
                _running.Add(connection.RunAsync(this, _asAcceptor, _asDialler));
            }
        }
    }
}
