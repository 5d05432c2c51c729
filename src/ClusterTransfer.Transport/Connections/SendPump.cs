using System.Threading.Channels;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Connections;

/// <summary>Writes what is queued, control frames before chunks, until it is told to say Goodbye.</summary>
internal sealed class SendPump : IDisposable
{
    private static readonly FrameHeader PingHeader = HeaderOf(FrameType.Ping);
    private static readonly FrameHeader GoodbyeHeader = HeaderOf(FrameType.Goodbye);

    private readonly FrameWriter _writer;
    private readonly ConnectionCounters _counters;
    private readonly TimeProvider _time;
    private readonly Channel<OutgoingFrame> _control;
    private readonly Channel<OutgoingFrame> _chunks;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly int _mostPings;
    private volatile Goodbye? _goodbye;
    private volatile bool _saidGoodbye;
    private long _pingNumber;           // of the ping that is out, and when it was queued
    private long _pingedAt;
    private int _queuedPings;           // and answers to them

    public SendPump(FrameWriter writer, ConnectionCounters counters, DataPlaneOptions options, TimeProvider time)
    {
        _writer = writer;
        _counters = counters;
        _time = time;
        _mostPings = options.ControlQueueFrames / 4;
        _control = Channel.CreateBounded<OutgoingFrame>(new BoundedChannelOptions(options.ControlQueueFrames) { SingleReader = true });
        _chunks = Channel.CreateBounded<OutgoingFrame>(new BoundedChannelOptions(options.ChunkQueueFrames) { SingleReader = true });
    }

    /// <summary>Whether everything to be sent was written and the peer is being, or was, told that this end closes.</summary>
    public bool SaidGoodbye => _saidGoodbye;

    /// <summary>Runs until Goodbye is written. Throws what the stream throws. Frames left in the queues stay there for <see cref="Dispose"/>.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_goodbye is { AfterQueued: false } now)
            {
                // Short, and what they say may be why: a refused chunk whose refusal is lost with the connection would never count as sent in vain.
                while (_control.Reader.TryRead(out OutgoingFrame? word))
                {
                    using OutgoingFrame owned = word;
                    await _writer.WriteAsync(owned, cancellationToken).ConfigureAwait(false);
                }

                await SayAsync(now, cancellationToken).ConfigureAwait(false);
                return;
            }

            if (_control.Reader.TryRead(out OutgoingFrame? frame) || _chunks.Reader.TryRead(out frame))
            {
                using OutgoingFrame owned = frame;
                if (owned.Header.Type == FrameType.Ping)
                {
                    Interlocked.Decrement(ref _queuedPings);
                }

                await _writer.WriteAsync(owned, cancellationToken).ConfigureAwait(false);
                continue;
            }

            // The queues are closed before it is set: once they are empty, they stay empty.
            if (_goodbye is { } last && _control.Reader.Count == 0 && _chunks.Reader.Count == 0)
            {
                await SayAsync(last, cancellationToken).ConfigureAwait(false);
                return;
            }

            await _writer.FlushAsync(cancellationToken).ConfigureAwait(false);
            await _wake.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Queues a control frame; false, and the frame disposed, when the queue is full or closed.</summary>
    public bool TrySend(OutgoingFrame frame)
    {
        if (_control.Writer.TryWrite(frame))
        {
            Wake();
            return true;
        }

        frame.Dispose();
        ConnectionCounters.Add(ref _counters.ControlFramesRefused);
        return false;
    }

    /// <summary>Queues a chunk, waiting for room; false, and the frame disposed, when the queue is closed.</summary>
    public async ValueTask<bool> SendChunkAsync(OutgoingFrame frame, CancellationToken cancellationToken)
    {
        bool queued = false;
        try
        {
            if (!_chunks.Writer.TryWrite(frame))
            {
                ConnectionCounters.Add(ref _counters.ChunkWaits);
                await _chunks.Writer.WriteAsync(frame, cancellationToken).ConfigureAwait(false);
            }

            queued = true;
            Wake();
            return true;
        }
        catch (ChannelClosedException)
        {
            return false;
        }
        finally
        {
            if (!queued)
            {
                frame.Dispose();
            }
        }
    }

    /// <summary>Asks for a sign of life. Only the heartbeat timer calls it.</summary>
    public void Ping()
    {
        Volatile.Write(ref _pingedAt, _time.GetTimestamp());
        var ping = new PingBody((ulong)Interlocked.Increment(ref _pingNumber));
        if (TrySendPing(ping, FrameFlags.None))
        {
            ConnectionCounters.Add(ref _counters.PingsSent);
        }
    }

    /// <summary>Queues a ping or an answer. A full queue drops it: then other frames show that this end lives.</summary>
    /// <remarks>They take a quarter of the queue at most. A chunk may take minutes on a slow link or under a limit, and those that wait behind it would leave no room for anything else.</remarks>
    public bool TrySendPing(PingBody ping, FrameFlags flags)
    {
        if (Interlocked.Increment(ref _queuedPings) > _mostPings)
        {
            Interlocked.Decrement(ref _queuedPings);
            ConnectionCounters.Add(ref _counters.ControlFramesRefused);
            return false;
        }

        if (TrySend(OutgoingFrame.Control(PingHeader with { Flags = flags }, ping)))
        {
            return true;
        }

        Interlocked.Decrement(ref _queuedPings);
        return false;
    }

    /// <summary>The peer answered; an answer to an older ping says nothing about the round trip.</summary>
    public void OnPingAnswered(PingBody ping)
    {
        if (ping.Nonce == (ulong)Interlocked.Read(ref _pingNumber))
        {
            ConnectionCounters.Add(ref _counters.PingsAnswered);
            Interlocked.Exchange(ref _counters.LastRoundTripTicks, _time.GetElapsedTime(Volatile.Read(ref _pingedAt)).Ticks);
        }
    }

    /// <summary>Takes no more frames, sends what is queued (chunks only if asked to), then says Goodbye, and ends.</summary>
    public void SayGoodbye(GoodbyeBody body, bool afterQueued)
    {
        CloseQueues();
        _goodbye = new Goodbye(body, afterQueued);
        Wake();
    }

    /// <summary>Takes no more frames.</summary>
    public void CloseQueues()
    {
        _control.Writer.TryComplete();
        _chunks.Writer.TryComplete();
    }

    /// <summary>First closes, then drains: no lease outlives the pump. Call it after <see cref="RunAsync"/> has ended.</summary>
    public void Dispose()
    {
        CloseQueues();
        while (_control.Reader.TryRead(out OutgoingFrame? frame) || _chunks.Reader.TryRead(out frame))
        {
            frame.Dispose();
        }

        _writer.Abandon();
    }

    internal static FrameHeader HeaderOf(FrameType type) => new(type, FrameFlags.None, SessionId.Connection, Epoch.None, default, default, 0, 0);

    private async ValueTask SayAsync(Goodbye goodbye, CancellationToken cancellationToken)
    {
        using OutgoingFrame frame = OutgoingFrame.Control(GoodbyeHeader, goodbye.Body);
        await _writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        // Set first: the peer may answer, by closing, before the write has returned here.
        _saidGoodbye = true;
        await _writer.WriteAsync(frame, cancellationToken).ConfigureAwait(false);
        await _writer.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>What to say at the end, and whether queued chunks go first.</summary>
    private sealed record Goodbye(GoodbyeBody Body, bool AfterQueued);
}
