using ClusterTransfer.Model;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Connections;

/// <summary>Takes frames off the stream, answers those of the connection itself, hands the others to the receiver one by one.</summary>
internal sealed class ReceivePump(FrameReader reader, SendPump replies, Liveness liveness, ConnectionCounters counters, DataPlane plane)
{
    // A chunk's prefix (digest, list of absent pack members) comes on top of its payload.
    private readonly int _maxChunkBody = Math.Min(FrameLimits.ChunkBody, plane.MaxChunkBytes + FrameLimits.ControlBody);
    private int _refused;

    /// <summary>Runs until the stream ends, the peer says Goodbye or breaks the protocol. Throws what the stream or the receiver throws.</summary>
    public async Task<PumpEnd> RunAsync(IFrameReceiver receiver, CancellationToken cancellationToken)
    {
        while (true)
        {
            FrameRead read = await reader.ReadAsync(plane.ReceiveBuffers, _maxChunkBody, receiver, cancellationToken).ConfigureAwait(false);
            PumpEnd? end = read.Kind switch
            {
                FrameReadKind.Frame => await TakeAsync(read.Header, read.Body!, receiver, cancellationToken).ConfigureAwait(false),
                FrameReadKind.Refused => Refuse(receiver, read.Header, $"type {(byte)read.Header.Type}, {read.Header.WireLength} bytes: {read.Error}"),
                FrameReadKind.EndOfStream => new PumpEnd(PumpEndReason.PeerClosed, new Problem(Reason.SessionLost, "The peer closed without a goodbye.")),
                FrameReadKind.Truncated => new PumpEnd(PumpEndReason.Reset, new Problem(Reason.SessionLost, "The connection ended inside a frame.")),
                _ => Violation($"no frame can be read any more: {read.Error}"),
            };
            if (end is not null)
            {
                return end;
            }
        }
    }

    private async ValueTask<PumpEnd?> TakeAsync(FrameHeader header, BufferLease body, IFrameReceiver receiver, CancellationToken cancellationToken)
    {
        switch (header.Type)
        {
            case FrameType.Ping:
                using (body)
                {
                    return OnPing(receiver, header, body.Memory.Span);
                }

            case FrameType.Goodbye:
                using (body)
                {
                    return OnGoodbye(receiver, header, body.Memory.Span);
                }

            case FrameType.Hello:
                body.Dispose();
                return Violation("a second Hello");

            default:
                await DeliverAsync(header, body, receiver, cancellationToken).ConfigureAwait(false);
                return null;
        }
    }

    private async ValueTask DeliverAsync(FrameHeader header, BufferLease body, IFrameReceiver receiver, CancellationToken cancellationToken)
    {
        ValueTask delivery = receiver.OnFrameAsync(header, body, cancellationToken);
        if (delivery.IsCompletedSuccessfully)
        {
            await delivery.ConfigureAwait(false);
            return;
        }

        // A receiver that is busy with a slow disk must not make its peer look dead.
        liveness.PauseReceiving();
        await delivery.ConfigureAwait(false);
        liveness.ResumeReceiving();
    }

    private PumpEnd? OnPing(IFrameReceiver receiver, FrameHeader header, ReadOnlySpan<byte> body)
    {
        if (!PingBody.TryRead(body, out PingBody ping))
        {
            return Refuse(receiver, header, "a ping without its number");
        }

        if (header.Flags.HasFlag(FrameFlags.Reply))
        {
            replies.OnPingAnswered(ping);
        }
        else
        {
            replies.TrySendPing(ping, FrameFlags.Reply);
        }

        return null;
    }

    private PumpEnd? OnGoodbye(IFrameReceiver receiver, FrameHeader header, ReadOnlySpan<byte> body) =>
        !GoodbyeBody.TryRead(body, out GoodbyeBody? goodbye) ? Refuse(receiver, header, "an unreadable goodbye")
        : new PumpEnd(PumpEndReason.PeerClosed, goodbye.Reason == Reason.None ? null : new Problem(goodbye.Reason, ShownText.Of(goodbye.Detail)));

    /// <summary>Says no to one frame; the third no ends the connection.</summary>
    private PumpEnd? Refuse(IFrameReceiver receiver, FrameHeader header, string what)
    {
        receiver.OnRefused(what);
        ConnectionCounters.Add(ref counters.FramesRefused);
        if (++_refused >= plane.Options.MaxRefusedFrames)
        {
            return Violation($"{_refused} frames were refused, the last one: {what}");
        }

        replies.TrySend(OutgoingFrame.Control(
            header with { Type = FrameType.Nack, Flags = FrameFlags.None, RawLength = 0 },
            new NackBody(NackReason.OutOfRange, $"Refused a frame of {what}.", default, default)));
        return null;
    }

    private static PumpEnd Violation(string what) =>
        new(PumpEndReason.ProtocolViolation, new Problem(Reason.ProtocolViolation, $"The peer broke the protocol: {what}."));
}
