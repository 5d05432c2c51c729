using System.Threading.Channels;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>The far end of a connection: keeps what arrives for the test to look at.</summary>
internal sealed class FrameRecorder : IFrameReceiver
{
    private readonly Channel<(FrameHeader Header, byte[] Body)> _frames = Channel.CreateBounded<(FrameHeader, byte[])>(10_000);

    public async ValueTask OnFrameAsync(FrameHeader header, BufferLease body, CancellationToken cancellationToken)
    {
        using BufferLease owned = body;
        await _frames.Writer.WriteAsync((header, owned.Memory.ToArray()), cancellationToken);
    }

    public Task<(FrameHeader Header, byte[] Body)> NextAsync() => _frames.Reader.ReadAsync().AsTask().WithinDeadline();
}
