using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ClusterTransfer.Model;
using ClusterTransfer.Transport.Identity;

namespace ClusterTransfer.Transport.Connections;

/// <summary>Takes data connections of other nodes: handshake and Hello within a deadline, within caps, then hands them over.</summary>
public sealed class DataListener : IAsyncDisposable
{
    private const int Backlog = 512;
    private const int MaxOpenConnections = 100_000;

    private readonly IPEndPoint _endPoint;
    private readonly DataPlane _plane;
    private readonly Func<DataConnection, ValueTask> _onConnection;
    private readonly Action<RefusedPeer>? _onRefused;
    private readonly AcceptPace _pace;
    private readonly SlotCounter<IPAddress> _handshakes;
    private readonly SlotCounter<NodeId> _open;
    private readonly ConcurrentDictionary<Task, bool> _running = new();
    private readonly CancellationTokenSource _stopping = new();
    private Socket? _socket;
    private Task _accepting = Task.CompletedTask;
    private long _accepted;
    private long _refused;

    /// <summary>Makes a listener; <see cref="StartAsync"/> opens it.</summary>
    /// <param name="endPoint">Where to listen; port 0 for any free one.</param>
    /// <param name="plane">Identity, limits, buffers, clock.</param>
    /// <param name="onConnection">Gets each connection and owns it; returns soon (tell an actor). If it throws, the connection is closed.</param>
    /// <param name="onRefused">Hears of each refused peer, on any thread, and as often as strangers like: limit what you log.</param>
    /// <param name="onTrouble">Hears when the system gives no connections, once and then at most once a minute, and when it does again.</param>
    public DataListener(
        IPEndPoint endPoint, DataPlane plane, Func<DataConnection, ValueTask> onConnection, Action<RefusedPeer>? onRefused = null, Action<AcceptTrouble>? onTrouble = null)
    {
        _endPoint = endPoint;
        _plane = plane;
        _onConnection = onConnection;
        _onRefused = onRefused;
        _pace = new AcceptPace(plane.Time, onTrouble);
        _handshakes = new SlotCounter<IPAddress>(plane.Options.MaxUnauthenticated, plane.Options.MaxUnauthenticatedPerAddress);
        _open = new SlotCounter<NodeId>(MaxOpenConnections, plane.Options.MaxConnectionsPerPeer);
    }

    /// <summary>Takes the next connection from the port; tests put failures of the system in its place.</summary>
    internal Func<Socket, CancellationToken, ValueTask<Socket>> Accept { get; init; } = static (listening, cancellationToken) => listening.AcceptAsync(cancellationToken);

    /// <summary>Where it listens; after <see cref="StartAsync"/> with the real port.</summary>
    public IPEndPoint LocalEndPoint => (IPEndPoint?)_socket?.LocalEndPoint ?? _endPoint;

    /// <summary>Counters so far.</summary>
    public ListenerStatistics Statistics => new(Interlocked.Read(ref _accepted), Interlocked.Read(ref _refused), _handshakes.Total, _open.Total);

    /// <summary>Opens the port.</summary>
    /// <exception cref="ClusterTransferException">The port cannot be opened; the message names it.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var socket = new Socket(_endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(_endPoint);
            socket.Listen(Backlog);
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw new ClusterTransferException(Reason.InvalidRequest,
                $"Cannot listen for data connections on {_endPoint}: {error.Message}. Correct data.listen, or stop whatever uses the port.", error);
        }

        _socket = socket;
        _accepting = AcceptLoopAsync(socket);
        return Task.CompletedTask;
    }

    /// <summary>Closes the port and ends handshakes. Connections that were handed over live on.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _socket?.Dispose();
        await _accepting.ConfigureAwait(false);
        await Task.WhenAll(_running.Keys).ConfigureAwait(false);
    }

    private async Task AcceptLoopAsync(Socket listening)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Socket socket = await Accept(listening, _stopping.Token).ConfigureAwait(false);
                _pace.OnSuccess();
                Admit(socket);
            }
            catch (Exception error) when (_stopping.IsCancellationRequested || error is ObjectDisposedException)
            {
                return;
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionAborted or SocketError.ConnectionReset)
            {
                // The peer was gone before we looked; that costs nobody anything.
            }
            catch (SocketException error)
            {
                // No file handles or memory left: the port stays open, the processor stays cool.
                await Task.Delay(_pace.OnFailure(error), _plane.Time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Admit(Socket socket)
    {
        if (RemoteOf(socket) is not { } remote)
        {
            socket.Dispose();
            return;
        }

        IPAddress address = remote.Address.IsIPv4MappedToIPv6 ? remote.Address.MapToIPv4() : remote.Address;
        if (!_handshakes.TryEnter(address))
        {
            Report(remote, null, new Problem(Reason.LimitReached, $"Too many connections from {address}, or in total, have not said who they are."));
            SocketSettings.Abort(socket);
            return;
        }

        Task task = ServeAsync(socket, remote, address);
        _running[task] = true;
        task.ContinueWith(static (done, running) => ((ConcurrentDictionary<Task, bool>)running!).TryRemove(done, out _),
            _running, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private static IPEndPoint? RemoteOf(Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint as IPEndPoint;
        }
        catch (SocketException)
        {
            return null;   // gone already
        }
    }

    /// <summary>Everything about one peer until it is handed over. Never throws.</summary>
    private async Task ServeAsync(Socket socket, IPEndPoint remote, IPAddress address)
    {
        // The accept loop goes on at once.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        DataConnection? connection = null;
        try
        {
            SocketSettings.Apply(socket, _plane.Options);
            connection = await HandshakeAsync(socket, remote).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Report(remote, null, new Problem(Reason.TimedOut, _stopping.IsCancellationRequested ? "This node stops."
                : $"No handshake and Hello within {_plane.Options.HandshakeTimeout.TotalSeconds:0.#} s."));
        }
        catch (Exception error)
        {
            Report(remote, null, new Problem(Reason.IdentityRefused, $"No TLS connection of this cluster: {ShownText.Of(error.Message)}"));
        }
        finally
        {
            _handshakes.Leave(address);
            if (connection is null)
            {
                socket.Dispose();
            }
        }

        if (connection is not null)
        {
            await HandOverAsync(connection).ConfigureAwait(false);
        }
    }

    private async Task<DataConnection?> HandshakeAsync(Socket socket, IPEndPoint remote)
    {
        using var deadline = new CancellationTokenSource(_plane.Options.HandshakeTimeout, _plane.Time);
#if TEETH
        deadline.CancelAfter(Tooth.Bites("no-handshake-deadline") ? Timeout.InfiniteTimeSpan : _plane.Options.HandshakeTimeout);
#endif
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _stopping.Token);
        (SecureLink link, PeerVerdict verdict) = await TlsHandshake.AcceptAsync(socket, _plane, either.Token).ConfigureAwait(false);
        bool handedOn = false;
        bool counted = false;
        try
        {
            var exchange = new HelloExchange(link, _plane);
            counted = verdict.IsAccepted && _open.TryEnter(verdict.Node);
            HelloOutcome outcome = counted
                ? await exchange.RunAsync(either.Token).ConfigureAwait(false)
                : new HelloOutcome(null, CannotEnter(verdict), IsOurs: true);
            if (outcome.Result is null)
            {
                // Reported first: a peer that does not close must not delay it.
                Report(remote, verdict.IsAccepted ? verdict.Node : null, outcome.Refusal!);
                if (outcome.IsOurs)
                {
                    await TellAsync(exchange, outcome.Refusal!, either.Token).ConfigureAwait(false);
                }

                return null;
            }

            var connection = new DataConnection(link, _plane, outcome.Result);
            handedOn = true;
            _ = LeaveWhenClosedAsync(connection);
            return connection;
        }
        finally
        {
            if (!handedOn)
            {
                await link.DisposeAsync().ConfigureAwait(false);
                if (counted)
                {
                    _open.Leave(verdict.Node);
                }
            }
        }
    }

    /// <summary>Reported already: that the peer did not even take its refusal is not worth a second report.</summary>
    private static async Task TellAsync(HelloExchange exchange, Problem refusal, CancellationToken cancellationToken)
    {
        try
        {
            await exchange.RefuseAsync(refusal, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException)
        {
            // It was a courtesy.
        }
    }

    private Problem CannotEnter(PeerVerdict verdict) => !verdict.IsAccepted
        ? verdict.Problem ?? new Problem(Reason.IdentityRefused, "Refused: nothing is known of the peer.")
        : new Problem(Reason.LimitReached, $"Node '{verdict.Node}' has {_plane.Options.MaxConnectionsPerPeer} connections already.");

    private async Task LeaveWhenClosedAsync(DataConnection connection)
    {
        await connection.Closed.ConfigureAwait(false);
        _open.Leave(connection.Peer);
    }

    private async Task HandOverAsync(DataConnection connection)
    {
        try
        {
            Interlocked.Increment(ref _accepted);
            await _onConnection(connection).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The owner's failure costs this connection, not the listener; the peer dials again.
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Report(EndPoint? remote, NodeId? node, Problem problem)
    {
        Interlocked.Increment(ref _refused);
        try
        {
            _onRefused?.Invoke(new RefusedPeer(remote, node, problem));
        }
        catch (Exception)
        {
            // Whoever listens to refusals must not decide about connections.
        }
    }
}
