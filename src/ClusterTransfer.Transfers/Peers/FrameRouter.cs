using System.Collections.Concurrent;
using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Peers;

/// <summary>Hands each frame of one connection to the session that was proven on it; everything else is dropped and counted.</summary>
internal sealed class FrameRouter : IFrameReceiver
{
    private readonly ConcurrentDictionary<SessionId, (SessionBinding Binding, ConnectionHandle Handle)> _routes = new();
    private readonly IActorRef _owner;
    private readonly TaskCreationOptions _completions;
    private long _strayFrames;

    /// <param name="owner">The connection's actor.</param>
    /// <param name="completions">How it completes what the pump waits for.</param>
    public FrameRouter(IActorRef owner, TaskCreationOptions completions = TaskCreationOptions.RunContinuationsAsynchronously)
    {
        _owner = owner;
        _completions = completions;
    }

    /// <summary>Frames of unknown sessions and of other epochs, dropped so far.</summary>
    public long StrayFrames => Interlocked.Read(ref _strayFrames);

    public void Add(SessionBinding binding, ConnectionHandle handle) => _routes[binding.SessionId] = (binding, handle);

    public void Remove(SessionId session) => _routes.TryRemove(session, out _);

    public void OnRefused(string what) => _owner.Tell(new ConnectionProtocol.Judged($"a frame of {what}"));

    public ValueTask OnFrameAsync(FrameHeader header, BufferLease body, CancellationToken cancellationToken)
    {
        if (header.Type == FrameType.SessionProof)
        {
            return OnProofAsync(header, body, cancellationToken);
        }

        if (_routes.TryGetValue(header.Session, out (SessionBinding Binding, ConnectionHandle Handle) route) && (route.Binding.Epoch == header.Epoch
#if TEETH
            || Tooth.Bites("old-epoch-frames")
#endif
            ))
        {
            return route.Binding.Port.OnFrameAsync(route.Handle, header, body, cancellationToken);
        }

        using BufferLease dropped = body;
        if (header.Type == FrameType.Nack && NackBody.TryRead(body.Memory.Span[..body.Length], out NackBody? nack))
        {
            _owner.Tell(new ConnectionProtocol.ProofRefused(header.Session, header.Epoch, nack.Reason, nack.Detail));
        }
        else
        {
            Interlocked.Increment(ref _strayFrames);
            if (header.Type == FrameType.Chunk)
            {
                TransferMeters.LateChunks.Add(1);
            }
        }

        return ValueTask.CompletedTask;
    }

    public void OnBytes(in FrameHeader header, int bytes)
    {
        if (_routes.TryGetValue(header.Session, out (SessionBinding Binding, ConnectionHandle Handle) route) && route.Binding.Epoch == header.Epoch)
        {
            route.Binding.Port.OnBytes(bytes);
        }
    }

    // The peer's next frame may follow at once, for example what it holds behind its answer to our proof: it must find its route.
    private async ValueTask OnProofAsync(FrameHeader header, BufferLease body, CancellationToken cancellationToken)
    {
        SessionProofBody? proof;
        using (body)
        {
            if (!SessionProofBody.TryRead(body.Memory.Span[..body.Length], out proof))
            {
                Interlocked.Increment(ref _strayFrames);
                return;
            }
        }

        // An owner that has stopped never answers; then the token fires, because it stops the pumps.
        var handled = new TaskCompletionSource(_completions);
        _owner.Tell(new ConnectionProtocol.ProofReceived(header, proof, handled));
        await handled.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
