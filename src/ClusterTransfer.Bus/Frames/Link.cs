using System.Net.WebSockets;
using ClusterTransfer.Model;

namespace ClusterTransfer.Bus.Frames;

/// <summary>What a link gives its owner, frame by frame; awaited, so a slow owner slows the peer.</summary>
/// <remarks>A <see cref="ClusterTransferException"/> from it ends the link, and the peer is told why.</remarks>
internal delegate ValueTask FrameHandler(Envelope frame, int bytes, CancellationToken cancellationToken);

/// <summary>One end of a connection between a node and the hub: handshake frames first, then three loops until it ends.</summary>
/// <remarks>Both ends ping and both ends give up on silence. The first reason to end wins; whoever sets it, <see cref="RunAsync"/> cleans up.</remarks>
internal sealed class Link : IDisposable
{
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(1);
    private static readonly byte[] PingFrame = FrameCodec.Encode(Envelope.Ping);
    private static readonly byte[] PongFrame = FrameCodec.Encode(Envelope.Pong);

    private readonly BusOptions _options;
    private readonly TimeProvider _time;
    private readonly BusCounters _counters;
    private readonly FrameSocket _socket;
    private readonly BoundedQueue<byte[]> _outgoing;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource<LinkEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource<bool>? _probe;
    private byte[]? _members;
    private int _signOfLife = 1;
    private int _handling;

    public Link(WebSocket socket, BusOptions options, TimeProvider time, BusCounters counters)
    {
        _options = options;
        _time = time;
        _counters = counters;
        _socket = new FrameSocket(socket, options.MaxReplyBytes + FrameCodec.EnvelopeOverhead);
        _outgoing = new BoundedQueue<byte[]>(options.QueueLength, options.QueueBytes, options.MaxWaitingSends, time);
    }

    /// <summary>Completes when the link has its end; <see cref="RunAsync"/> may still be saying farewell.</summary>
    public Task<LinkEnd> Ended => _end.Task;

    /// <summary>Reads one frame before <see cref="RunAsync"/>.</summary>
    /// <exception cref="ClusterTransferException">It did not come in time, is none, or the peer is gone.</exception>
    public async Task<Envelope> ReadFirstAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = new(patience, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            ReadOnlyMemory<byte> frame = await _socket.ReadAsync(either.Token).ConfigureAwait(false)
                ?? throw new ClusterTransferException(Reason.HubUnreachable, "The peer closed the connection before its first frame.");
            return FrameCodec.TryDecode(frame.Span, out Problem? problem) ?? throw new ClusterTransferException(problem!);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ClusterTransferException(Reason.TimedOut, $"The peer sent no first frame within {patience.TotalSeconds:0.#} s.");
        }
    }

    /// <summary>Writes one frame before <see cref="RunAsync"/>.</summary>
    public async Task WriteFirstAsync(byte[] frame, CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = new(_options.HandshakeTimeout, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        await _socket.WriteAsync(frame, either.Token).ConfigureAwait(false);
    }

    /// <summary>Instead of <see cref="RunAsync"/>: tells the peer why it is not wanted, and closes.</summary>
    public Task RefuseAsync(Problem problem)
    {
        End(new LinkEnd(LinkEndReason.RefusedByUs, problem));
        return RunAsync((_, _, _) => ValueTask.CompletedTask, CancellationToken.None);
    }

    /// <summary>Queues a frame; the place in the queue is taken before this returns its task.</summary>
    public Task<EnqueueResult> SendAsync(byte[] frame, CancellationToken cancellationToken) =>
        _outgoing.EnqueueAsync(frame, frame.Length, _options.SlowConsumerGrace, ref _counters.QueueWaits, cancellationToken);

    /// <summary>Sends this list of members as soon as possible; an older one that has not left yet is forgotten.</summary>
    public void OfferMembers(byte[] frame)
    {
        Volatile.Write(ref _members, frame);
        _outgoing.Wake();
    }

    /// <summary>Whether the peer answers a ping within one heartbeat interval.</summary>
    public async Task<bool> ProbeAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource<bool> answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<bool> probe = Interlocked.CompareExchange(ref _probe, answered, null) ?? answered;

        // The interval begins before the ping leaves: whoever sees the ping knows that the clock runs.
        Task<Task> first = Task.WhenAny(probe.Task, _end.Task).WaitAsync(_options.HeartbeatInterval, _time, cancellationToken);
        _ = _outgoing.TryEnqueue(PingFrame, PingFrame.Length);   // a full queue has pings of its own to answer for
        try
        {
            return await first.ConfigureAwait(false) == probe.Task;
        }
        catch (TimeoutException)
        {
            // An answer behind a frame that our own side still works on cannot be read yet: the benefit of the doubt.
            return Volatile.Read(ref _handling) != 0;
        }
        finally
        {
            Interlocked.CompareExchange(ref _probe, null, probe);
        }
    }

    /// <summary>Ends the link; the first reason stays.</summary>
    public void End(LinkEnd end)
    {
        if (_end.TrySetResult(end))
        {
            switch (end.Reason)
            {
                case LinkEndReason.HeartbeatLost:
                    Interlocked.Increment(ref _counters.HeartbeatsLost);
                    break;
                case LinkEndReason.SlowConsumer:
                    Interlocked.Increment(ref _counters.SlowConsumers);
                    break;
            }
        }
    }

    /// <summary>Runs until the link has ended and nothing of it is left; throws nothing.</summary>
    public async Task<LinkEnd> RunAsync(FrameHandler onFrame, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.Register(
            () => End(new LinkEnd(LinkEndReason.Stopped, new Problem(Reason.HubUnreachable, "The link was stopped."))));
        Task receiving = ReceiveAsync(onFrame);
        Task sending = SendQueuedAsync();
        Task beating = BeatAsync();
        LinkEnd end = await _end.Task.ConfigureAwait(false);
        if (end.Reason == LinkEndReason.RefusedByUs)
        {
            await SayFarewellAsync(end.Problem, Task.WhenAll(sending, receiving)).ConfigureAwait(false);
        }

        _outgoing.Close(discard: true);
        await _stopping.CancelAsync().ConfigureAwait(false);
        _socket.Abort();
        await Task.WhenAll(receiving, sending, beating).ConfigureAwait(false);
        return end;
    }

    public void Dispose()
    {
        _outgoing.Close(discard: true);
        _socket.Abort();
        _socket.Dispose();
        _stopping.Dispose();
    }

    private async Task SayFarewellAsync(Problem problem, Task bothEnded)
    {
        _outgoing.CloseWith(FrameCodec.EncodeRefusal(problem));
        try
        {
            // The peer closes its side when it has read why: closing before that could destroy the answer on its way.
            await bothEnded.WaitAsync(FarewellTime, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The peer does not read or does not close; it will find the connection gone.
        }
    }

    private async Task ReceiveAsync(FrameHandler onFrame)
    {
        try
        {
            while (!_end.Task.IsCompleted)
            {
                ReadOnlyMemory<byte>? frame = await _socket.ReadAsync(_stopping.Token).ConfigureAwait(false);
                if (frame is null)
                {
                    End(new LinkEnd(LinkEndReason.PeerClosed, new Problem(Reason.HubUnreachable, "The peer closed the connection.")));
                    return;
                }

                Volatile.Write(ref _signOfLife, 1);
                Envelope envelope = FrameCodec.TryDecode(frame.Value.Span, out Problem? problem) ?? throw new ClusterTransferException(problem!);
                await HandleAsync(envelope, frame.Value.Length, onFrame).ConfigureAwait(false);
            }
        }
        catch (ClusterTransferException error)
        {
            End(new LinkEnd(LinkEndReason.RefusedByUs, error.Problem));
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return;
        }
        catch (Exception error)
        {
            End(new LinkEnd(LinkEndReason.PeerClosed, new Problem(Reason.HubUnreachable, $"The connection broke: {error.Message}")));
        }

        await DrainAsync().ConfigureAwait(false);
    }

    private async ValueTask HandleAsync(Envelope envelope, int bytes, FrameHandler onFrame)
    {
        switch (envelope.Kind)
        {
            case Envelope.Ping:
                _ = _outgoing.TryEnqueue(PongFrame, PongFrame.Length);   // a full queue shows the peer that we live, once it reads
                break;
            case Envelope.Pong:
                Interlocked.Increment(ref _counters.Pongs);
                Volatile.Read(ref _probe)?.TrySetResult(true);
                break;
            case Envelope.Refuse:
                End(new LinkEnd(
                    LinkEndReason.RefusedByPeer, envelope.Problem ?? new Problem(Reason.ProtocolViolation, "The peer refused without a reason.")));
                break;
            default:
                // While the owner takes its time the peer's frames wait unread: that is our slowness, not the peer's silence.
                Volatile.Write(ref _handling, 1);
                try
                {
                    await onFrame(envelope, bytes, _stopping.Token).ConfigureAwait(false);
                }
                finally
                {
                    Volatile.Write(ref _handling, 0);
                    Volatile.Write(ref _signOfLife, 1);
                }

                break;
        }
    }

    /// <summary>After the end: reads away what still comes, so that closing with unread bytes does not destroy the farewell on its way.</summary>
    private async Task DrainAsync()
    {
        try
        {
            while (await _socket.ReadAwayAsync(_stopping.Token).ConfigureAwait(false))
            {
            }
        }
        catch (Exception)
        {
            // The link has its end already; how the socket fails now says nothing more.
        }
    }

    private async Task SendQueuedAsync()
    {
        try
        {
            while (await _outgoing.WaitToReadAsync().ConfigureAwait(false))
            {
                bool found;
                do
                {
                    if (Interlocked.Exchange(ref _members, null) is { } members)
                    {
                        await _socket.WriteAsync(members, _stopping.Token).ConfigureAwait(false);
                    }

                    found = _outgoing.TryDequeue(out byte[] frame);
                    if (found)
                    {
                        await _socket.WriteAsync(frame, _stopping.Token).ConfigureAwait(false);
                    }
                }
                while (found);
            }

            await _socket.CloseAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            End(new LinkEnd(LinkEndReason.PeerClosed, new Problem(Reason.HubUnreachable, $"The connection broke: {error.Message}")));
        }
    }

    private async Task BeatAsync()
    {
        int missed = 0;
        try
        {
            while (missed < _options.HeartbeatMisses)
            {
                await Task.Delay(_options.HeartbeatInterval, _time, _stopping.Token).ConfigureAwait(false);
                bool alive = Interlocked.Exchange(ref _signOfLife, 0) != 0 || Volatile.Read(ref _handling) != 0;
                missed = alive ? 0 : missed + 1;
                _ = _outgoing.TryEnqueue(PingFrame, PingFrame.Length);
            }

            End(new LinkEnd(
                LinkEndReason.HeartbeatLost,
                new Problem(Reason.HubUnreachable, $"The peer has been silent for {missed} heartbeats of {_options.HeartbeatInterval.TotalSeconds:0.#} s.")));
        }
        catch (OperationCanceledException)
        {
            // The link ended for another reason.
        }
    }
}
