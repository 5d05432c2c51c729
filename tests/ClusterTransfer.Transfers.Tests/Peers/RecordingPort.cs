using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Tests.Peers;

/// <summary>Takes frames as a session would, and returns their buffers.</summary>
internal sealed class RecordingPort : ISessionPort
{
    private readonly List<FrameHeader> _frames = [];
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<FrameHeader> Frames
    {
        get
        {
            lock (_frames) { return [.. _frames]; }
        }
    }

    /// <summary>What was said of bytes on their way.</summary>
    public int Bytes { get; private set; }

    public void OnBytes(int bytes) => Bytes += bytes;

    public ValueTask OnFrameAsync(ConnectionHandle connection, FrameHeader header, BufferLease body, CancellationToken cancellationToken)
    {
        body.Dispose();
        lock (_frames) { _frames.Add(header); }
        _first.TrySetResult();
        return ValueTask.CompletedTask;
    }

    /// <summary>Completes when a frame is there.</summary>
    public Task FirstAsync() => _first.Task.WithinDeadline();
}
