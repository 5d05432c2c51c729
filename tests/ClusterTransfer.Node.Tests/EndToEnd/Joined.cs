using ClusterTransfer.TestKit.Proxy;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>Holds chunks until so many connections carry the session, so that a test knows over how many they go.</summary>
internal sealed class Joined(int connections)
{
    private readonly Gate _gate = new();
    private int _joined;

    public async ValueTask PassAsync(ProxiedFrame frame, CancellationToken cancellationToken)
    {
        if (frame.Header.Type == FrameType.SessionProof && frame.Direction == FrameDirection.FromAcceptor && Interlocked.Increment(ref _joined) == connections)
        {
            _gate.Open();
        }

        if (frame.IsChunk)
        {
            await _gate.PassAsync(cancellationToken);
        }
    }
}
