using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using ClusterTransfer.Model;

namespace ClusterTransfer.Transport.Connections;

/// <summary>Opens data connections to other nodes.</summary>
public sealed class DataDialer(DataPlane plane) : IDataDialer
{
    /// <summary>Connects, proves both ends by TLS and exchanges Hellos, each within its deadline. The caller owns the connection.</summary>
    /// <param name="hostPort"><c>host:port</c> or <c>[address]:port</c>.</param>
    /// <param name="expectedPeer">The node that must be there; another one is refused, whatever its address.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ClusterTransferException"><see cref="Reason.IdentityRefused"/>, by this end or by the peer;
    /// <see cref="Reason.VersionMismatch"/>; <see cref="Reason.NodeUnreachable"/> for everything that may pass, a full peer included;
    /// <see cref="Reason.InvalidRequest"/> for a malformed address.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public async Task<DataConnection> DialAsync(string hostPort, NodeId expectedPeer, CancellationToken cancellationToken)
    {
        DnsEndPoint target = HostPort.Parse(hostPort);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        SecureLink? link = null;
        bool connected = false;
        string doing = "connecting";
        try
        {
            SocketSettings.Apply(socket, plane.Options);
            using (Deadline connect = new(plane.Options.ConnectTimeout, plane.Time, cancellationToken))
            {
                await socket.ConnectAsync(target, connect.Token).ConfigureAwait(false);
            }

            using Deadline handshake = new(plane.Options.HandshakeTimeout, plane.Time, cancellationToken);
            doing = "the TLS handshake";
            link = await TlsHandshake.DialAsync(socket, plane, expectedPeer, handshake.Token).ConfigureAwait(false);
            doing = "Hello";
            var exchange = new HelloExchange(link, plane);
            HelloOutcome outcome = await exchange.RunAsync(handshake.Token).ConfigureAwait(false);
            if (outcome.Result is not null)
            {
                connected = true;
                return new DataConnection(link, plane, outcome.Result);
            }

            if (outcome.IsOurs)
            {
                await exchange.RefuseAsync(outcome.Refusal!, handshake.Token).ConfigureAwait(false);
            }

            throw new ClusterTransferException(ForCaller(outcome.Refusal!, expectedPeer, hostPort));
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unreachable(expectedPeer, hostPort, $"no answer in time while {doing}", error);
        }
        catch (Exception error) when (error is SocketException or IOException or AuthenticationException)
        {
            throw Unreachable(expectedPeer, hostPort, $"{doing} failed: {error.Message}", error);
        }
        finally
        {
            if (!connected)
            {
                if (link is not null)
                {
                    await link.DisposeAsync().ConfigureAwait(false);
                }

                socket.Dispose();
            }
        }
    }

    async Task<IDataConnection> IDataDialer.DialAsync(string hostPort, NodeId expectedPeer, CancellationToken cancellationToken) =>
        await DialAsync(hostPort, expectedPeer, cancellationToken).ConfigureAwait(false);

    private static Problem ForCaller(Problem refusal, NodeId peer, string hostPort) => new(
        refusal.Reason is Reason.IdentityRefused or Reason.VersionMismatch ? refusal.Reason : Reason.NodeUnreachable,
        $"Node '{peer}' at {hostPort}: {refusal.Detail}");

    private static ClusterTransferException Unreachable(NodeId peer, string hostPort, string why, Exception error) =>
        new(Reason.NodeUnreachable, $"Node '{peer}' at {hostPort} cannot be reached: {ShownText.Of(why)}", error);

    /// <summary>The caller's token, or the deadline if that comes first.</summary>
    private sealed class Deadline : IDisposable
    {
        private readonly CancellationTokenSource _timeout;
        private readonly CancellationTokenSource _either;

        public Deadline(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
        {
            _timeout = new CancellationTokenSource(timeout, time);
            _either = CancellationTokenSource.CreateLinkedTokenSource(_timeout.Token, cancellationToken);
        }

        public CancellationToken Token => _either.Token;

        public void Dispose()
        {
            _either.Dispose();
            _timeout.Dispose();
        }
    }
}
