using System.Net.WebSockets;
using System.Text;
using ClusterTransfer.Bus.Frames;
using ClusterTransfer.Model.Control;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Bus.Tests;

/// <summary>The other end of a link, played by hand.</summary>
internal sealed class RawPeer(WebSocket socket) : IDisposable
{
    private readonly FrameSocket _frames = new(socket, 4 * 1024 * 1024);

    public Task SendAsync(Envelope envelope) => SendAsync(FrameCodec.Encode(envelope));

    public Task SendAsync(string json) => SendAsync(Encoding.UTF8.GetBytes(json));

    public Task AnnounceAsync(Member member) =>
        SendAsync(new Envelope { Version = FrameCodec.ProtocolVersion, Kind = Envelope.Announce, Member = member });

    public Task SendAsync(string kind, string? to, string message) => SendAsync(
        $$"""{"version":1,"kind":"{{kind}}","from":"somebody-else","to":{{(to is null ? "null" : $"\"{to}\"")}},"message":{{message}}}""");

    /// <summary>The next frame; null when the other end has closed.</summary>
    public async Task<Envelope?> ReadAsync()
    {
        ReadOnlyMemory<byte>? frame;
        try
        {
            frame = await _frames.ReadAsync(CancellationToken.None).AsTask().WithinDeadline();
        }
        catch (WebSocketException)
        {
            return null;
        }

        return frame is null ? null : FrameCodec.TryDecode(frame.Value.Span, out _) ?? throw new InvalidDataException("Not a frame.");
    }

    /// <summary>The next frame of this kind; others are passed over, pings answered.</summary>
    public async Task<Envelope> ReadAsync(string kind)
    {
        while (true)
        {
            Envelope envelope = await ReadAsync() ?? throw new EndOfStreamException($"Closed before a '{kind}'.");
            if (envelope.Kind == kind)
            {
                return envelope;
            }

            if (envelope.Kind == Envelope.Ping)
            {
                await SendAsync(FrameCodec.Encode(Envelope.Pong));
            }
        }
    }

    public void Dispose() => socket.Dispose();

    private Task SendAsync(byte[] frame) => _frames.WriteAsync(frame, CancellationToken.None).AsTask().WithinDeadline();
}
