using System.IO.Pipelines;
using System.Net.WebSockets;

namespace ClusterTransfer.Bus.Tests;

/// <summary>Two WebSockets joined in memory, with a bounded buffer in each direction like a real connection.</summary>
internal static class SocketPair
{
    public static (WebSocket Hub, WebSocket Node) Create()
    {
        Pipe up = new();
        Pipe down = new();
        WebSocket hub = WebSocket.CreateFromStream(
            new DuplexStream(up.Reader, down.Writer), new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero });
        WebSocket node = WebSocket.CreateFromStream(
            new DuplexStream(down.Reader, up.Writer), new WebSocketCreationOptions { IsServer = false, KeepAliveInterval = TimeSpan.Zero });
        return (hub, node);
    }

    private sealed class DuplexStream(PipeReader reader, PipeWriter writer) : Stream
    {
        private readonly Stream _in = reader.AsStream();
        private readonly Stream _out = writer.AsStream();

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _in.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _out.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                // Both directions end at once, as when a process dies; a pending read or write of either end wakes up.
                writer.Complete();
                writer.CancelPendingFlush();
                reader.CancelPendingRead();
                reader.Complete();
            }

            base.Dispose(disposing);
        }
    }
}
