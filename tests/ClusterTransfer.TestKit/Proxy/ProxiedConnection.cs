using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterTransfer.Transport.Records;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.TestKit.Proxy;

/// <summary>One connection through the proxy: a link to each node and a pump for each direction.</summary>
public sealed class ProxiedConnection : IDisposable
{
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
            await using ProxiedEnd near = await ProxiedEnd.AcceptAsync(_dialler, asAcceptor, _ending.Token);
            await _acceptor.ConnectAsync(proxy.Upstream ?? throw new InvalidOperationException("The proxy was not told where to."), _ending.Token);
            await using ProxiedEnd far = await ProxiedEnd.DialAsync(_acceptor, asDialler, near.Protocol, _ending.Token);
            if (await LeaveTlsAsync(proxy, near, far, asDialler, asAcceptor))
            {
                await Task.WhenAll(
                    PumpAsync(proxy, FrameDirection.FromDialler, near, far),
                    PumpAsync(proxy, FrameDirection.FromAcceptor, far, near));
            }
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

    /// <summary>The two Hellos of a connection that leaves TLS: what is agreed passes unchanged, so that all four ends have the same keys.</summary>
    /// <returns>False when the script ended the connection meanwhile.</returns>
    private async Task<bool> LeaveTlsAsync(FrameProxy proxy, ProxiedEnd near, ProxiedEnd far, X509Certificate2 asDialler, X509Certificate2 asAcceptor)
    {
        if (near.Protocol == LayerProtocols.Tls)
        {
            return true;
        }

        byte[] offered = new byte[SealOffer.Size];
        await near.Stream.ReadExactlyAsync(offered, _ending.Token);
        ProxiedFrame there = await HelloAsync(FrameDirection.FromDialler, near);
        if (await IsStoppedAsync(proxy, there))
        {
            return false;
        }

        await far.Stream.WriteAsync((byte[])[.. offered, .. there.Bytes], _ending.Token);
        byte[] answered = new byte[SealAnswers.Size];
        await far.Stream.ReadExactlyAsync(answered, _ending.Token);
        ProxiedFrame back = await HelloAsync(FrameDirection.FromAcceptor, far);
        if (await IsStoppedAsync(proxy, back))
        {
            return false;
        }

        await near.Stream.WriteAsync((byte[])[.. answered, .. back.Bytes], _ending.Token);
        if (!SealOffer.TryRead(offered, RecordLayer.Sealed, out SealOffer offer) || !SealAnswers.TryRead(answered, out SealAnswer answer))
        {
            throw new IOException("A node leaves TLS in a way that the proxy does not know.");
        }

        if (answer == SealAnswer.Ready && HelloBody.TryRead(there.Body, out HelloBody? dialler) && HelloBody.TryRead(back.Body, out HelloBody? acceptor))
        {
            SealContext Context() => new(
                offer.Suite, offer.Secret, asDialler.GetCertHash(HashAlgorithmName.SHA256), asAcceptor.GetCertHash(HashAlgorithmName.SHA256),
                SessionProof.ConnectionNonce(dialler.Nonce, acceptor.Nonce));
            await near.LeaveTlsAsync(Context(), dialled: false, _ending.Token);
            await far.LeaveTlsAsync(Context(), dialled: true, _ending.Token);
        }

        return true;
    }

    private async Task<ProxiedFrame> HelloAsync(FrameDirection direction, ProxiedEnd from) =>
        await ReadAsync(direction, from.Stream) ?? throw new IOException("A node ended before its Hello.");

    private async Task<bool> IsStoppedAsync(FrameProxy proxy, ProxiedFrame hello)
    {
        FrameFate fate = await proxy.Script(hello, _ending.Token);
        return fate is FrameFate.Reset ? true
            : fate is FrameFate.Forward ? false : throw new InvalidOperationException($"A Hello that leaves TLS passes, or its connection is reset; not {fate}.");
    }

    private async Task PumpAsync(FrameProxy proxy, FrameDirection direction, ProxiedEnd fromEnd, ProxiedEnd toEnd)
    {
        (Stream from, Stream to) = (fromEnd.Stream, toEnd.Stream);
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

            await toEnd.EndAsync(_ending.Token);
        }
        catch
        {
            // One direction that broke takes the other with it, as on a cable.
            Reset();
            throw;
        }
    }

    private async Task<ProxiedFrame?> ReadAsync(FrameDirection direction, Stream from)
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
