using System.Buffers;
using System.Net.WebSockets;
using ClusterTransfer.Model;

namespace ClusterTransfer.Bus.Frames;

/// <summary>Whole frames over a WebSocket, bounded. One reader and one writer at a time.</summary>
internal sealed class FrameSocket(WebSocket socket, int maxFrameBytes) : IDisposable
{
    private const int FirstBuffer = 4 * 1024;

    // Grown as frames need it and kept: a control link has few sizes.
    private readonly ArrayBufferWriter<byte> _buffer = new(FirstBuffer);

    /// <summary>Reads the next frame; valid until the next call. Null when the peer has closed.</summary>
    /// <exception cref="ClusterTransferException">The frame is too large or not text.</exception>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        _buffer.ResetWrittenCount();
        while (true)
        {
            // One byte more than allowed is asked for, so that a frame of exactly the limit can be told from a larger one.
            int room = Math.Min(maxFrameBytes + 1 - _buffer.WrittenCount, Math.Max(FirstBuffer, _buffer.FreeCapacity));
            Memory<byte> memory = _buffer.GetMemory(room)[..room];
            ValueWebSocketReceiveResult result = await socket.ReceiveAsync(memory, cancellationToken).ConfigureAwait(false);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            if (result.MessageType != WebSocketMessageType.Text)
            {
                throw new ClusterTransferException(Reason.ProtocolViolation, "The peer sent a binary frame on the bus.");
            }

            _buffer.Advance(result.Count);
            if (_buffer.WrittenCount > maxFrameBytes)
            {
                throw new ClusterTransferException(Reason.LimitReached, $"The peer sent a frame of more than {maxFrameBytes} bytes on the bus.");
            }

            if (result.EndOfMessage)
            {
                return _buffer.WrittenMemory;
            }
        }
    }

    /// <summary>Reads some bytes and forgets them; false when the peer has closed.</summary>
    public async ValueTask<bool> ReadAwayAsync(CancellationToken cancellationToken)
    {
        _buffer.ResetWrittenCount();
        ValueWebSocketReceiveResult result = await socket.ReceiveAsync(_buffer.GetMemory(FirstBuffer), cancellationToken).ConfigureAwait(false);
        return result.MessageType != WebSocketMessageType.Close;
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken) =>
        socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);

    /// <summary>Tells the peer that nothing more comes.</summary>
    public Task CloseAsync(CancellationToken cancellationToken) =>
        socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);

    /// <summary>Ends both directions at once; pending calls fail.</summary>
    public void Abort() => socket.Abort();

    public void Dispose() => socket.Dispose();
}
