using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Chunks;

/// <summary>One chunk on its way over one connection: read, sent, acknowledged. Exists only while the chunk is in flight.</summary>
internal sealed class ChunkActor : ReceiveActor, IWithTimers
{
    private readonly PlannedChunk _chunk;
    private readonly int _attempt;
    private readonly ConnectionHandle _connection;
    private readonly IChunkMover _mover;
    private readonly TransferPolicies _policies;
    private readonly CancellationTokenSource _stopping = new();
    private int _overdue;

    // The peer may be quicker than the news that its connection has taken the chunk, and that says which members of a pack it lacks.
    private object? _earlyAnswer;

    /// <param name="chunk">Which chunk.</param>
    /// <param name="attempt">The how-manieth time it is sent, from 1.</param>
    /// <param name="connection">The connection that has room for it.</param>
    /// <param name="mover">Reads and queues it.</param>
    /// <param name="policies">Attempts and time-outs.</param>
    public ChunkActor(PlannedChunk chunk, int attempt, ConnectionHandle connection, IChunkMover mover, TransferPolicies policies)
    {
        _chunk = chunk;
        _attempt = attempt;
        _connection = connection;
        _mover = mover;
        _policies = policies;
        Become(Sending);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => _mover.MoveAsync(_chunk, _connection, _stopping.Token).PipeTo(
        Self, success: move => new ChunkProtocol.Moved(move), failure: error => new ChunkProtocol.MoveFailed(error));

    protected override void PostStop()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private void Sending()
    {
        Receive<ChunkProtocol.Acknowledged>(answer => _earlyAnswer ??= answer);
        Receive<ChunkProtocol.Refused>(answer => _earlyAnswer ??= answer);
        Receive<ChunkProtocol.Moved>(moved =>
        {
            if (moved.Move.Problem is not null)
            {
                Finish(new ChunkProtocol.Unreadable(_chunk.Index, moved.Move.Problem));
                return;
            }

            Context.Parent.Tell(new ChunkProtocol.Sent(_chunk.Index, moved.Move.Digest, moved.Move.Absent));
            moved.Move.Written?.PipeTo(Self, success: () => new ChunkProtocol.HandedOver(true), failure: error => error is FrameRecalledException ? ChunkProtocol.TakenBack.Instance : new ChunkProtocol.HandedOver(false));
            Become(AwaitingAck);
            if (_earlyAnswer is not null)
            {
                Self.Tell(_earlyAnswer);
            }
        });

        Receive<ChunkProtocol.MoveFailed>(OnMoveFailed);
    }

    private void OnMoveFailed(ChunkProtocol.MoveFailed failed)
    {
        if (failed.Error is OperationCanceledException or ObjectDisposedException or ClusterTransferException { Reason: Reason.SessionLost })
        {
            // The connection ended under it. That is no fault of the chunk, so it costs no attempt.
            Finish(new ChunkProtocol.Displaced(_chunk.Index));
            return;
        }

        // Reading it failed in a way that says nothing about the file. That may pass, but it is not tried for ever.
        Problem problem = (failed.Error as ClusterTransferException)?.Problem
            ?? new Problem(Reason.Unclassified, $"Chunk {_chunk.Index} could not be read: {PathText.Escape(failed.Error.Message)}");
        Finish(_attempt < _policies.ChunkRetry.Attempts
            ? new ChunkProtocol.Again(_chunk.Index, _attempt, problem.Detail)
            : new ChunkProtocol.Unreadable(_chunk.Index, problem));
    }

    private void AwaitingAck()
    {
        Receive<ChunkProtocol.Acknowledged>(_ => Finish(new ChunkProtocol.Settled(_chunk.Index)));
        Receive<ChunkProtocol.Refused>(refused => Finish(_attempt < _policies.ChunkRetry.Attempts
#if TEETH
            || Tooth.Bites("retry-without-limit")
#endif
            ? new ChunkProtocol.Again(_chunk.Index, _attempt, refused.Why)
            : new ChunkProtocol.GivenUp(_chunk.Index, _attempt, refused)));
        Receive<ChunkProtocol.HandedOver>(handedOver =>
        {
            // Before that no answer can be late, however slow the link is. One that stands still is the heartbeat's business.
            if (handedOver.IsWritten)
            {
                Timers.StartPeriodicTimer(ChunkProtocol.AckOverdue.Instance, ChunkProtocol.AckOverdue.Instance, _policies.Acknowledgement.Timeout);
            }
        });
        Receive<ChunkProtocol.TakenBack>(_ => Finish(new ChunkProtocol.Recalled(_chunk.Index)));
        Receive<ChunkProtocol.AckOverdue>(_ =>
            Context.Parent.Tell(new ChunkProtocol.Overdue(_chunk.Index, _connection.Number, ++_overdue)));
    }

    private void Finish(object outcome)
    {
        Context.Parent.Tell(outcome);
        Context.Stop(Self);
        Become(Done);
    }

    private void Done() => ReceiveAny(_ => { });
}
