using ClusterTransfer.Model;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Quality;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Connections;

/// <summary>One TLS connection to one peer, past its Hello. Its owner runs it, sends on it, and hears once how it ended.</summary>
/// <remarks>Thread-safe. Made by <see cref="DataDialer"/> and <see cref="DataListener"/>; whoever gets it disposes it.</remarks>
public sealed class DataConnection : IDataConnection
{
    private static int s_lastNumber;

    private readonly SecureLink _link;
    private readonly DataPlane _plane;
    private readonly Liveness _liveness;
    private readonly ConnectionCounters _counters;
    private readonly FrameReader _reader;
    private readonly SendPump _send;
    private readonly CancellationTokenSource _abortSend;       // never disposed: whoever ends the connection may still be about to fire them
    private readonly CancellationTokenSource _abortReceive;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PumpEnd? _end;                                      // set once, by whatever ended the connection first
    private int _started;

    internal DataConnection(SecureLink link, DataPlane plane, HandshakeResult hello)
    {
        _link = link;
        _plane = plane;
        _liveness = hello.Liveness;
        _counters = hello.Counters;
        _reader = hello.Reader;
        _abortSend = new CancellationTokenSource(Timeout.InfiniteTimeSpan, plane.Time);
        _abortReceive = new CancellationTokenSource(Timeout.InfiniteTimeSpan, plane.Time);
        _send = new SendPump(hello.Writer, _counters, plane.Options, plane.Time);
        OpenedAt = plane.Time.GetUtcNow();
        LocalHello = hello.Local;
        PeerHello = hello.Peer;
        ConnectionNonce = link.Dialled
            ? SessionProof.ConnectionNonce(hello.Local.Nonce, hello.Peer.Nonce)
            : SessionProof.ConnectionNonce(hello.Peer.Nonce, hello.Local.Nonce);
    }

    /// <summary>Number of this connection in this process, from 1; for logs.</summary>
    public int Number { get; } = Interlocked.Increment(ref s_lastNumber);

    /// <summary>The peer's name, proven by its certificate.</summary>
    public NodeId Peer => _link.Peer;

    /// <summary>The run of the peer's process.</summary>
    public Incarnation PeerIncarnation => PeerHello.Incarnation;

    /// <summary>Whether this end opened the connection.</summary>
    public bool Dialled => _link.Dialled;

    /// <summary>TLS version, and what seals the bytes when that is not TLS; for logs.</summary>
    public string TlsVersion => _link.TlsVersion;

    /// <summary>The peer's address and port, for people to read.</summary>
    public string Remote => _link.Remote;

    /// <summary>When both ends had said Hello, UTC.</summary>
    public DateTimeOffset OpenedAt { get; }

    /// <summary>What this end said of itself.</summary>
    public HelloBody LocalHello { get; }

    /// <summary>What the peer said of itself.</summary>
    public HelloBody PeerHello { get; }

    /// <summary>Largest chunk payload both ends take, in bytes: the peer can only tighten our limit.</summary>
    public int MaxChunkBytes => Math.Min(LocalHello.MaxChunkBytes, PeerHello.MaxChunkBytes);

    /// <summary>Random value of this connection, the same at both ends; session proofs are bound to it.</summary>
    public byte[] ConnectionNonce { get; }

    /// <summary>SHA-256 of this end's certificate.</summary>
    public ReadOnlyMemory<byte> LocalCertificateHash => _link.LocalCertificateHash;

    /// <summary>SHA-256 of the peer's certificate.</summary>
    public ReadOnlyMemory<byte> PeerCertificateHash => _link.PeerCertificateHash;

    /// <inheritdoc/>
    public TaskCreationOptions Completions => TaskCreationOptions.RunContinuationsAsynchronously;

    /// <summary>Counters so far.</summary>
    public ConnectionStatistics Statistics => _counters.Snapshot();

    /// <inheritdoc/>
    public LinkQuality? Quality => TcpInfo.Read(_link.Socket);

    /// <summary>Completes when the socket is closed and every lease of the connection is returned.</summary>
    internal Task Closed => _closed.Task;

    /// <summary>Moves frames both ways until either end closes, the peer dies or <paramref name="cancellationToken"/> fires; then closes.
    /// Call it once. Never throws for what a peer or network does.</summary>
    /// <param name="receiver">Gets the received frames; when this returns it is called no more.</param>
    /// <param name="cancellationToken">Ends the connection soon: with a Goodbye when the peer reads, else without.</param>
    public async Task<PumpEnd> RunAsync(IFrameReceiver receiver, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            throw new InvalidOperationException("A connection runs once.");
        }

        PumpEnd end;
        _liveness.Start();
        try
        {
            TimeSpan period = _liveness.CheckPeriod;
            ITimer heartbeat = _plane.Time.CreateTimer(static state => ((DataConnection)state!).Beat(), this, period, period);
            CancellationTokenRegistration stop = cancellationToken.UnsafeRegister(static state => ((DataConnection)state!).Cancel(), this);
            await using (heartbeat.ConfigureAwait(false))
            await using (stop.ConfigureAwait(false))
            {
                Task receiving = ReceiveAsync(receiver);
                await SendAsync().ConfigureAwait(false);
                await receiving.ConfigureAwait(false);
            }
        }
        finally
        {
            end = await CloseAsync().ConfigureAwait(false);
        }

        return end;
    }

    /// <summary>Queues a control frame. Takes ownership. False when the queue is full or closed: treat the connection as dying.</summary>
    public bool TrySend(OutgoingFrame frame) => _send.TrySend(frame);

    /// <summary>Queues a chunk or a manifest page, and waits while the queue is full. Takes ownership on every path.</summary>
    /// <returns>False when the connection is closing: the frame will not be sent. True says nothing about arrival.</returns>
    /// <exception cref="OperationCanceledException">The token fired while waiting; the frame will not be sent.</exception>
    public ValueTask<bool> SendChunkAsync(OutgoingFrame frame, CancellationToken cancellationToken) => _send.SendChunkAsync(frame, cancellationToken);

    /// <summary>Takes no more frames, sends what is queued, says Goodbye and ends as <see cref="PumpEndReason.Drained"/>.</summary>
    /// <param name="reason">Why, for the peer; null for an orderly end.</param>
    public void Complete(Problem? reason = null) => _send.SayGoodbye(GoodbyeFor(reason), afterQueued: true);

    /// <summary>Ends it as <see cref="PumpEndReason.Cancelled"/>, soon: queued chunks are dropped, and behind queued control frames a Goodbye with the reason is the last that is sent.</summary>
    /// <param name="reason">Why, for the peer too.</param>
    public void Close(Problem reason) => EndWith(new PumpEnd(PumpEndReason.Cancelled, reason), goodbye: true);

    /// <summary>Ends the connection as if its token had fired, and waits until it is closed. Not to be called from within the receiver.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _started, 1) == 0)
        {
            await CloseAsync().ConfigureAwait(false);
        }
        else
        {
            Cancel();
        }

        await _closed.Task.ConfigureAwait(false);
    }

    private static GoodbyeBody GoodbyeFor(Problem? problem) => new(problem?.Reason ?? Reason.None, problem?.Detail ?? string.Empty);

    private static PumpEnd EndFor(Exception error) => error is IOException or System.Net.Sockets.SocketException or ObjectDisposedException
        ? new PumpEnd(PumpEndReason.Reset, new Problem(Reason.SessionLost, $"The connection broke: {error.Message}"))
        : new PumpEnd(PumpEndReason.Faulted, new Problem(Reason.Unclassified, $"{error.GetType().Name}: {error.Message}"));

    private async Task SendAsync()
    {
        try
        {
            await _send.RunAsync(_abortSend.Token).ConfigureAwait(false);
            Interlocked.CompareExchange(ref _end, new PumpEnd(PumpEndReason.Drained, null), null);
            if (_end.Reason == PumpEndReason.Drained)
            {
                // The peer's answer to a Goodbye is to close. What it still has under way is taken until then.
                _abortReceive.CancelAfter(_plane.Options.CloseTimeout);
                await _link.EndSendingAsync(_abortSend.Token).ConfigureAwait(false);
                return;
            }
        }
        catch (OperationCanceledException) when (_abortSend.IsCancellationRequested)
        {
            // Whoever aborted has said why.
        }
        catch (Exception error)
        {
            EndWith(EndFor(error), goodbye: false);
        }

        await _abortReceive.CancelAsync().ConfigureAwait(false);
    }

    private async Task ReceiveAsync(IFrameReceiver receiver)
    {
        try
        {
            var pump = new ReceivePump(_reader, _send, _liveness, _counters, _plane);
            PumpEnd end = await pump.RunAsync(receiver, _abortReceive.Token).ConfigureAwait(false);
            EndWith(end, goodbye: end.Reason == PumpEndReason.ProtocolViolation);
        }
        catch (OperationCanceledException) when (_abortReceive.IsCancellationRequested)
        {
            // Whoever aborted has said why.
        }
        catch (Exception error)
        {
            PumpEnd end = EndFor(error);
            EndWith(end, goodbye: end.Reason == PumpEndReason.Faulted);
        }
    }

    private void Beat()
    {
        switch (_liveness.Check())
        {
            case LivenessVerdict.PingDue:
                _send.Ping();
                break;
            case LivenessVerdict.PeerSilent:
                EndWith(Lost("was silent"), goodbye: false);
                break;
            case LivenessVerdict.PeerNotReading:
                EndWith(Lost("took nothing"), goodbye: false);
                break;
            default:
                break;
        }
    }

    private PumpEnd Lost(string how) => new(PumpEndReason.HeartbeatLost,
        new Problem(Reason.SessionLost, $"Node '{Peer}' {how} for {_liveness.Patience.TotalSeconds:0.#} s."));

    private void Cancel() => EndWith(new PumpEnd(PumpEndReason.Cancelled, null), goodbye: true);

    /// <summary>The first end wins. Both pumps stop: at once, or after a last word for which the peer gets <see cref="DataPlaneOptions.CloseTimeout"/>.</summary>
    private void EndWith(PumpEnd end, bool goodbye)
    {
        if (_send.SaidGoodbye && end.Reason is (PumpEndReason.PeerClosed or PumpEndReason.Reset))
        {
            // It closes because we said we do.
            end = new PumpEnd(PumpEndReason.Drained, null);
        }

        if (Interlocked.CompareExchange(ref _end, end, null) is not null)
        {
            if (!goodbye)
            {
                _abortSend.Cancel();
            }

            return;
        }

        if (goodbye)
        {
            // The receiver's detail of a fault is ours alone.
            Problem? told = end.Reason == PumpEndReason.Faulted ? new Problem(Reason.Unclassified, "An internal error.") : end.Problem;
            _send.SayGoodbye(GoodbyeFor(told), afterQueued: false);
            _abortSend.CancelAfter(_plane.Options.CloseTimeout);
        }
        else
        {
            _send.CloseQueues();
            _abortSend.Cancel();
        }

        _abortReceive.Cancel();
    }

    private async Task<PumpEnd> CloseAsync()
    {
        _send.Dispose();
        Interlocked.CompareExchange(ref _end, new PumpEnd(PumpEndReason.Cancelled, null), null);
        PumpEnd end = _end;
        if (end.Reason is PumpEndReason.HeartbeatLost)
        {
            // The kernel would go on trying to deliver to a peer that is not there.
            SocketSettings.Abort(_link.Socket);
        }
        else if (_send.SaidGoodbye && end.Reason != PumpEndReason.Drained)
        {
            using var deadline = new CancellationTokenSource(_plane.Options.CloseTimeout, _plane.Time);
            await _link.LingerAsync(deadline.Token).ConfigureAwait(false);
        }

        await _link.DisposeAsync().ConfigureAwait(false);
        // Also stops their timers.
        await _abortSend.CancelAsync().ConfigureAwait(false);
        await _abortReceive.CancelAsync().ConfigureAwait(false);
        _closed.TrySetResult();
        return end;
    }
}
