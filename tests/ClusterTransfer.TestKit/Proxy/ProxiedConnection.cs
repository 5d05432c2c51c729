using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.TestKit.Proxy;

/// <summary>One connection through the proxy: two TLS links and a pump for each direction.</summary>
#pragma warning disable CA5359 // It stands between nodes that a test made, with their own keys; who they are is theirs to check, through it.
public sealed class ProxiedConnection : IDisposable
{
    private static readonly SslApplicationProtocol Protocol = new("ct/1");

    private readonly Socket _dialler;
    private readonly Socket _acceptor = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _gate = new();
    private bool _isReset;

    internal ProxiedConnection(int number, Socket dialler)
    {
        Number = number;
        _dialler = dialler;
    }

    /// <summary>From 1, in the order they were opened.</summary>
    public int Number { get; }

    /// <summary>Ends the connection as a broken cable and a killed process do: neither end hears a last word.</summary>
    public void Reset()
    {
        // By the test, by a script and by both pumps, at any moment; the first does it.
        lock (_gate)
        {
            if (_isReset)
            {
                return;
            }

            _isReset = true;
            foreach (Socket socket in new[] { _dialler, _acceptor })
            {
                if (socket.Connected)
                {
                    socket.LingerState = new LingerOption(true, 0);
                }

                socket.Dispose();
            }
        }

        _ending.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Reset();
        _ending.Dispose();
    }

    internal async Task RunAsync(FrameProxy proxy, X509Certificate2 asAcceptor, X509Certificate2 asDialler)
    {
        try
        {
            await using SslStream near = new(new NetworkStream(_dialler, ownsSocket: false));
            await near.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = SslStreamCertificateContext.Create(asAcceptor, additionalCertificates: null, offline: true),
                    ClientCertificateRequired = true,
                    EnabledSslProtocols = SslProtocols.Tls13,
                    ApplicationProtocols = [Protocol],
                    RemoteCertificateValidationCallback = (_, _, _, _) => true,
                },
                _ending.Token);
            await _acceptor.ConnectAsync(proxy.Upstream ?? throw new InvalidOperationException("The proxy was not told where to."), _ending.Token);
            await using SslStream far = new(new NetworkStream(_acceptor, ownsSocket: false));
            await far.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "proxied",
                    ClientCertificateContext = SslStreamCertificateContext.Create(asDialler, additionalCertificates: null, offline: true),
                    EnabledSslProtocols = SslProtocols.Tls13,
                    ApplicationProtocols = [Protocol],
                    RemoteCertificateValidationCallback = (_, _, _, _) => true,
                },
                _ending.Token);
            await Task.WhenAll(
                PumpAsync(proxy, FrameDirection.FromDialler, near, far, _acceptor),
                PumpAsync(proxy, FrameDirection.FromAcceptor, far, near, _dialler));
        }
        catch (Exception error) when (error is IOException or SocketException or AuthenticationException or OperationCanceledException or ObjectDisposedException)
        {
            // An end that broke the connection is what a test may want; both ends learn of it below.
        }
        finally
        {
            Reset();
        }
    }

    private async Task PumpAsync(FrameProxy proxy, FrameDirection direction, SslStream from, SslStream to, Socket toSocket)
    {
        byte[]? late = null;
        try
        {
            while (await ReadAsync(direction, from) is { } frame)
            {
                FrameFate fate = await proxy.Script(frame, _ending.Token);
                if (fate is FrameFate.Reset or FrameFate.Cut)
                {
                    if (fate == FrameFate.Cut)
                    {
                        await to.WriteAsync(frame.Bytes.AsMemory(0, frame.CutAt), _ending.Token);
                    }

                    Reset();
                    return;
                }

                if (fate == FrameFate.AfterNext && late is null)
                {
                    late = frame.Bytes;
                    continue;
                }

                for (int i = 0; i < (fate == FrameFate.Drop ? 0 : fate == FrameFate.Twice ? 2 : 1); i++)
                {
                    await to.WriteAsync(frame.Bytes, _ending.Token);
                }

                if (late is not null)
                {
                    await to.WriteAsync(late, _ending.Token);
                    late = null;
                }

                await to.FlushAsync(_ending.Token);
            }

            await to.ShutdownAsync();
            toSocket.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            // One direction that broke takes the other with it, as on a cable.
            Reset();
            throw;
        }
    }

    private async Task<ProxiedFrame?> ReadAsync(FrameDirection direction, SslStream from)
    {
        byte[] head = new byte[FrameHeader.Size];
        int read = await from.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, _ending.Token);
        if (read == 0)
        {
            return null;
        }

        if (read < head.Length || !FrameHeader.TryRead(head, out FrameHeader header, out FrameError error))
        {
            throw new IOException("A node sent something else than frames.");
        }

        byte[] bytes = new byte[FrameHeader.Size + header.WireLength];
        head.CopyTo(bytes, 0);
        await from.ReadExactlyAsync(bytes.AsMemory(FrameHeader.Size), _ending.Token);
        return new ProxiedFrame(this, direction, header, bytes);
    }
}
