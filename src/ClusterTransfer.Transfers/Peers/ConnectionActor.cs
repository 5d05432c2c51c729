using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Policies;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Wire.Frames;
using Microsoft.Extensions.Logging;
using SessionRole = ClusterTransfer.Model.Control.SessionRole;

namespace ClusterTransfer.Transfers.Peers;

/// <summary>Owns one data connection: its two pumps, the sessions proven on it, and the one place where its end is told.</summary>
internal sealed class ConnectionActor : ReceiveActor, IWithTimers
{
    // The coordinator opens the destination first, so an unknown session is rare and brief: a frame that overtook a command.
    private static readonly TimeSpan ProveAgainAfter = TimeSpan.FromMilliseconds(250);
    private const int MaxProofAttempts = 40;

    // A proof or its answer can be skipped as damaged without the connection ending. An idle connection on which nobody answers is replaced.
    private static readonly TimeSpan ProofTimeout = TimeSpan.FromSeconds(5);
    private const int MaxUnanswered = 3;

    private readonly IDataConnection _connection;
    private readonly SessionDirectory _directory;
    private readonly ILogger _log;
    private readonly FrameRouter _router;
    private readonly ConnectionHandle _handle;
    private readonly Dictionary<SessionId, SessionBinding> _bound = [];
    private readonly Dictionary<SessionId, Proving> _proving = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly BadChunkScore _score;
    private PumpEnd _end = new(PumpEndReason.Cancelled, null);

    public ConnectionActor(IDataConnection connection, SessionDirectory directory, TimeProvider time, ILogger log)
    {
        _connection = connection;
        _directory = directory;
        _log = log;
        _router = new FrameRouter(Self, connection.Completions);
        _handle = new ConnectionHandle(connection.Number, connection, Self);
        _score = new BadChunkScore(time);
        Become(Connected);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        _log.ConnectionOpened(_connection.Number, _connection.Peer.Value, _connection.Remote, _connection.TlsVersion);
        _connection.RunAsync(_router, _stopping.Token).PipeTo(
            Self,
            success: end => new ConnectionProtocol.PumpsEnded(end),
            failure: error => new ConnectionProtocol.PumpsEnded(
                new PumpEnd(PumpEndReason.Faulted, new Problem(Reason.Unclassified, error.Message))));
    }

    // A pump or a socket cannot be restarted: a connection that fails is replaced by its peer actor.
    protected override void PreRestart(Exception reason, object? message) => Context.Stop(Self);

    protected override void PostStop()
    {
        _stopping.Cancel();
        ConnectionStatistics moved = _connection.Statistics;
        ConnectionHealth health = _score.Health;
        _log.ConnectionEnded(
            _connection.Number,
            _connection.Peer.Value,
            _end.Reason.ToString(),
            _end.Problem?.Detail ?? "no problem",
            moved.BytesSent,
            moved.BytesReceived,
            health.Good,
            health.Bad,
            health.Forgiven,
            health.Score,
            health.LastReason ?? "nothing",
            _router.StrayFrames);
        LeaveSessions();

        // A peer that says Hello and then Goodbye has refused us as much as one that cannot be dialled; its reason decides what follows.
        foreach (Proving proving in _proving.Values)
        {
            proving.Binding.Session.Tell(new ConnectionFacts.DialFailed(new Problem(
                _end.Problem?.Reason ?? Reason.SessionLost,
                $"Node '{_connection.Peer}' ended the connection before it carried the session: {_end.Problem?.Detail ?? _end.Reason.ToString()}")));
        }
    }

    private void Connected()
    {
        Receive<ConnectionProtocol.BindSession>(bind =>
        {
            _proving[bind.Binding.SessionId] = new Proving(bind.Binding);
            OfferProof(bind.Binding);
        });
        Receive<ConnectionProtocol.UnbindSession>(OnUnbind);
        Receive<ConnectionProtocol.ProofReceived>(received =>
        {
            OnProof(received);
            received.Handled.TrySetResult();
        });
        Receive<ConnectionProtocol.ProofRefused>(OnProofRefused);
        Receive<ConnectionProtocol.ProveAgain>(again => OnProveAgain(again.SessionId));
        Receive<ConnectionProtocol.Judged>(OnJudged);
        Receive<ConnectionProtocol.ForgiveByTime>(_ => Count(_score.ForgiveByTime));
        Receive<ConnectionProtocol.GiveUp>(giveUp => Close(new PumpEnd(PumpEndReason.Cancelled, giveUp.Problem)));
        Receive<ConnectionProtocol.QueueFull>(_ =>
        {
            // Not at once: its queue is full too when the connection has just ended, and then the pumps are about to say better why.
            EndPumps(new PumpEnd(PumpEndReason.Cancelled, new Problem(Reason.LimitReached, "The peer does not read: the queue of control frames is full.")));
        });
        Receive<ConnectionProtocol.PumpsEnded>(OnPumpsEnded);
    }

    // The peer gets a moment to read why. It owes nothing more, so its sessions do not wait for that: their chunks go elsewhere at once.
    private void Closing()
    {
        Receive<ConnectionProtocol.ProofReceived>(received => received.Handled.TrySetResult());
        Receive<ConnectionProtocol.PumpsEnded>(OnPumpsEnded);
        ReceiveAny(_ => { });
    }

    private void OnPumpsEnded(ConnectionProtocol.PumpsEnded ended)
    {
        // Pumps that did not end by our hand know best why: a queue is also full when nobody empties it any more.
        _end = _end.Problem is null || ended.End.Reason != PumpEndReason.Cancelled ? ended.End : _end;
        Context.Stop(Self);
    }

    private void Close(PumpEnd end)
    {
        EndPumps(end);
        LeaveSessions();
        Become(Closing);
    }

    private void EndPumps(PumpEnd end)
    {
        _end = end;
        _connection.Close(end.Problem ?? new Problem(Reason.None, string.Empty));
        _stopping.Cancel();
    }

    // What still arrives for them is dropped and counted.
    private void LeaveSessions()
    {
        foreach (SessionBinding binding in _bound.Values)
        {
            _router.Remove(binding.SessionId);
            binding.Session.Tell(new ConnectionFacts.ConnectionLeft(_handle.Number, _end));
        }

        _bound.Clear();
    }

    private void OnJudged(ConnectionProtocol.Judged judged)
    {
        Count(judged.Damage is { } damage ? () => _score.AddBad(damage) : _score.AddGood);
        if (_score.IsAtLimit)
        {
            Close(new PumpEnd(PumpEndReason.Cancelled, new Problem(
                Reason.ChunkCorrupt, $"Connection {_handle.Number} brought {_score.Health.Bad} damaged chunks or frames, {_score.Health.Forgiven} of them forgiven; the last one: {_score.Health.LastReason}.")));
        }
    }

    private void Count(Action what)
    {
        ConnectionHealth before = _score.Health;
        what();
        ConnectionHealth now = _handle.Health = _score.Health;
        if (now.Score > before.Score || (now.Score == 0 && before.Score > 0))
        {
            foreach (SessionBinding binding in _bound.Values)
            {
                binding.Session.Tell(new ConnectionFacts.ScoreChanged(_handle.Number, now, _score.Policy.Limit));
            }
        }

        if (_score.NextForgiveness is { } next)
        {
            Timers.StartSingleTimer(ConnectionProtocol.ForgiveByTime.Instance, ConnectionProtocol.ForgiveByTime.Instance, next);
        }
    }

    private void OnUnbind(ConnectionProtocol.UnbindSession unbind)
    {
        SessionBinding? carried = _bound.GetValueOrDefault(unbind.SessionId) ?? _proving.GetValueOrDefault(unbind.SessionId)?.Binding;
        if (carried?.Role != unbind.Role)
        {
            // Not carried here; or a transfer within one node, whose other end goes on.
            return;
        }

        _router.Remove(unbind.SessionId);
        _bound.Remove(unbind.SessionId);
        _proving.Remove(unbind.SessionId);
        Timers.Cancel(unbind.SessionId);
    }

    private void OfferProof(SessionBinding binding)
    {
        Timers.StartSingleTimer(binding.SessionId, new ConnectionProtocol.ProveAgain(binding.SessionId), ProofTimeout);
        _handle.Send(OutgoingFrame.Control(
            Header(FrameType.SessionProof, FrameFlags.None, binding),
            new SessionProofBody(binding.TransferId, WireRole(binding.Role), ProofOf(binding, binding.Role)).ToArray()));
    }

    private void OnProveAgain(SessionId session)
    {
        if (!_proving.TryGetValue(session, out Proving? proving))
        {
            return;
        }

        // Beside other sessions the answer may only wait behind their chunks.
        if (proving.Answered || ++proving.Unanswered < MaxUnanswered || _bound.Count > 0)
        {
            proving.Answered = false;
            OfferProof(proving.Binding);
        }
        else
        {
            Close(new PumpEnd(PumpEndReason.Cancelled, new Problem(
                Reason.SessionLost, $"Node '{_connection.Peer}' did not answer the proof of the session {proving.Unanswered} times.")));
        }
    }

    private void OnProof(ConnectionProtocol.ProofReceived message)
    {
        bool isReply = message.Header.Flags.HasFlag(FrameFlags.Reply);
        SessionBinding? binding = isReply
            ? _proving.GetValueOrDefault(message.Header.Session)?.Binding
            : _directory.Find(message.Header.Session);
        if (binding is null || binding.Epoch != message.Header.Epoch)
        {
            if (!isReply)
            {
                Refuse(message.Header, NackReason.SessionUnknown, "no such session here");
            }

            return;
        }

        SessionRole theirRole = binding.Role == SessionRole.Source ? SessionRole.Destination : SessionRole.Source;
        bool proven = binding.Peer == _connection.Peer
            && message.Proof.Transfer == binding.TransferId
            && message.Proof.Role == WireRole(theirRole)
            && SessionProof.Matches(ProofOf(binding, theirRole), message.Proof.Proof);
        if (!proven)
        {
            _log.ProofRefused(_connection.Number, _connection.Peer.Value, binding.TransferId.Value);
            if (isReply)
            {
                Close(new PumpEnd(PumpEndReason.ProtocolViolation, new Problem(Reason.IdentityRefused, "The peer could not prove the session.")));
            }
            else
            {
                Refuse(message.Header, NackReason.ProofRefused, "the proof does not fit this session");
            }

            return;
        }

        _proving.Remove(binding.SessionId);
        Timers.Cancel(binding.SessionId);
        _bound[binding.SessionId] = binding;
        _score.Share(binding.BadChunks);
        _router.Add(binding, _handle);
        if (!isReply)
        {
            _handle.Send(OutgoingFrame.Control(
                Header(FrameType.SessionProof, FrameFlags.Reply, binding),
                new SessionProofBody(binding.TransferId, WireRole(binding.Role), ProofOf(binding, binding.Role)).ToArray()));
        }

        Context.Parent.Tell(PeerProtocol.Proven.Instance);
        binding.Session.Tell(new ConnectionFacts.ConnectionJoined(_handle));
    }

    private void OnProofRefused(ConnectionProtocol.ProofRefused refused)
    {
        if (!_proving.TryGetValue(refused.SessionId, out Proving? proving) || proving.Binding.Epoch != refused.Epoch)
        {
            return;
        }

        // Not known yet; or damaged on the way, which says nothing about the session.
        if (refused.Reason is NackReason.SessionUnknown or NackReason.OutOfRange && proving.Attempts < MaxProofAttempts)
        {
            proving.Attempts++;
            proving.Answered = true;
            Timers.StartSingleTimer(refused.SessionId, new ConnectionProtocol.ProveAgain(refused.SessionId), ProveAgainAfter);
            return;
        }

        _proving.Remove(refused.SessionId);
        Timers.Cancel(refused.SessionId);
        proving.Binding.Session.Tell(new ConnectionFacts.SessionRefusedByPeer(refused.Reason, PathText.Escape(refused.Detail)));
    }

    private void Refuse(FrameHeader header, NackReason reason, string detail) => _handle.Send(OutgoingFrame.Control(
        header with { Type = FrameType.Nack, Flags = FrameFlags.Reply, Chunk = NackBody.NoChunk },
        new NackBody(reason, detail, default, default).ToArray()));

    private byte[] ProofOf(SessionBinding binding, SessionRole role)
    {
        bool weAreSource = binding.Role == SessionRole.Source;
        ReadOnlyMemory<byte> source = weAreSource ? _connection.LocalCertificateHash : _connection.PeerCertificateHash;
        ReadOnlyMemory<byte> destination = weAreSource ? _connection.PeerCertificateHash : _connection.LocalCertificateHash;
        return SessionProof.Compute(
            binding.Secret, binding.TransferId, binding.Epoch, binding.SessionId, WireRole(role), source.Span, destination.Span, _connection.ConnectionNonce);
    }

    private static Wire.Frames.SessionRole WireRole(SessionRole role) =>
        role == SessionRole.Source ? Wire.Frames.SessionRole.Source : Wire.Frames.SessionRole.Destination;

    private static FrameHeader Header(FrameType type, FrameFlags flags, SessionBinding binding) =>
        new(type, flags, binding.SessionId, binding.Epoch, default, default, 0, 0);

    /// <summary>A session that is offered to the peer.</summary>
    private sealed class Proving(SessionBinding binding)
    {
        public SessionBinding Binding { get; } = binding;

        /// <summary>How often the peer did not know it or could not read it.</summary>
        public int Attempts { get; set; }

        /// <summary>How often nothing came back.</summary>
        public int Unanswered { get; set; }

        /// <summary>Whether something came back since it was last offered.</summary>
        public bool Answered { get; set; }
    }
}
