using System.Security.Cryptography;
using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Simulation.World;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Quality;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Simulation.Network;

/// <summary>One end of a simulated connection: behaves as a <see cref="DataConnection"/> does towards its owner, frame by frame instead of byte by byte.</summary>
/// <remarks>Same queues and bounds, same judgement of headers, same heartbeat (the real <see cref="Liveness"/>), same reasons for an end.</remarks>
internal sealed class SimEnd : IDataConnection
{
    private static readonly DataPlaneOptions Options = new();

    private readonly SimLink _link;
    private readonly SimNetwork _network;
    private readonly SimProcess _process;
    private readonly Liveness _liveness;
    private readonly Queue<OutgoingFrame> _control = new();
    private readonly Queue<OutgoingFrame> _chunks = new();
    private readonly LinkedList<WaitingFrame> _waiting = new();
    private readonly Queue<SimFrame> _inbox = new();
    private readonly CancellationTokenSource _stopReceiving = new();
    private readonly TaskCompletionSource<PumpEnd> _ended = new();
    private IFrameReceiver? _receiver;
    private ITimer? _beat;
    private CancellationTokenRegistration _cancellation;
    private Task? _delivering;
    private PumpEnd? _end;
    private bool _writing;
    private int _refused;
    private long _bytesSent;
    private int _counted;               // bytes of the frame to come
    private ulong _pings;

    public SimEnd(SimLink link, SimNetwork network, SimProcess process, SimProcess peer, bool dialled, byte[] nonce)
    {
        _link = link;
        _network = network;
        _process = process;
        Number = network.NextNumber(process);
        Peer = peer.Node;
        Dialled = dialled;
        ConnectionNonce = nonce;
        LocalCertificateHash = SHA256.HashData(Encoding.UTF8.GetBytes(process.Node.Value));
        PeerCertificateHash = SHA256.HashData(Encoding.UTF8.GetBytes(peer.Node.Value));
        LocalHello = HelloOf(process, nonce);
        PeerHello = HelloOf(peer, nonce);
        _liveness = new Liveness(process.Clock, Options);
        OpenedAt = process.Clock.GetUtcNow();
    }

    private static HelloBody HelloOf(SimProcess process, byte[] nonce) => new(
        1, 1, process.Node, process.Incarnation, "sim", (ulong)HelloFeatures.SparseFiles, Options.MaxChunkBytes, Options.MaxConnectionsPerPeer, nonce);

    public int Number { get; }

    public NodeId Peer { get; }

    public bool Dialled { get; }

    public string TlsVersion => "simulated";

    public string Remote => $"{Peer}:1";

    public DateTimeOffset OpenedAt { get; }

    public HelloBody LocalHello { get; }

    public HelloBody PeerHello { get; }

    public byte[] ConnectionNonce { get; }

    public ReadOnlyMemory<byte> LocalCertificateHash { get; }

    public ReadOnlyMemory<byte> PeerCertificateHash { get; }

    public ConnectionStatistics Statistics => new() { BytesSent = _bytesSent };

    // What a system measures of a path, a simulated one does not.
    public LinkQuality? Quality => null;

    // There is one thread, and what a pump does next is a turn of its own.
    public TaskCreationOptions Completions => TaskCreationOptions.None;

    public SimProcess Process => _process;

    public bool IsClosed => _end is not null || _process.IsDead;

    /// <summary>Bytes that arrived and were not read.</summary>
    public long UnreadBytes { get; private set; }

    /// <summary>Does not read on: the peer's window closes.</summary>
    public bool IsSlowReader { get; set; }

    public Task<PumpEnd> RunAsync(IFrameReceiver receiver, CancellationToken cancellationToken)
    {
        _receiver = receiver;
        _liveness.Start();
        if (_end is null)
        {
            _beat = _process.Clock.CreateTimer(static end => ((SimEnd)end!).Beat(), this, _liveness.CheckPeriod, _liveness.CheckPeriod);
            _cancellation = cancellationToken.UnsafeRegister(static end => ((SimEnd)end!).EndWith(new PumpEnd(PumpEndReason.Cancelled, null), goodbye: true), this);
            Read();
            Write();
        }

        return _ended.Task;
    }

    public bool TrySend(OutgoingFrame frame)
    {
        if (_end is not null || _control.Count >= Options.ControlQueueFrames)
        {
            frame.Dispose();
            return false;
        }

        _control.Enqueue(frame);
        Write();
        return true;
    }

    public async ValueTask<bool> SendChunkAsync(OutgoingFrame frame, CancellationToken cancellationToken)
    {
        if (_end is not null)
        {
            frame.Dispose();
            return false;
        }

        if (cancellationToken.IsCancellationRequested)
        {
            frame.Dispose();
            throw new OperationCanceledException(cancellationToken);
        }

        if (_chunks.Count < Options.ChunkQueueFrames)
        {
            _chunks.Enqueue(frame);
            Write();
            return true;
        }

        var waiting = new WaitingFrame(frame);
        LinkedListNode<WaitingFrame> node = _waiting.AddLast(waiting);
        await using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            _ =>
            {
                if (node.List is not null)
                {
                    _waiting.Remove(node);
                    frame.Dispose();
                    waiting.Taken.TrySetCanceled(cancellationToken);
                }
            },
            null);
        return await waiting.Taken.Task.ConfigureAwait(false);
    }

    public void Close(Problem reason) => EndWith(new PumpEnd(PumpEndReason.Cancelled, reason), goodbye: true);

    public void Complete(Problem? reason = null) => EndWith(new PumpEnd(PumpEndReason.Drained, reason), goodbye: true);

    public ValueTask DisposeAsync()
    {
        EndWith(new PumpEnd(PumpEndReason.Cancelled, null), goodbye: _receiver is not null);
        return ValueTask.CompletedTask;
    }

    /// <summary>A frame is in the kernel of this end's machine.</summary>
    public void Arrive(SimFrame frame)
    {
        if (IsClosed)
        {
            frame.Drop();
            if (!frame.IsEnd)
            {
                _link.AbortFrom(this);
            }

            return;
        }

        UnreadBytes += frame.Bytes;
        _inbox.Enqueue(frame);
        _process.Run(Read);
    }

    /// <summary>Bytes of a frame that is still on its way.</summary>
    public void ArrivePart(FrameHeader header, int bytes)
    {
        if (!IsClosed && !IsSlowReader && _receiver is not null && _delivering is null)
        {
            _process.Run(() =>
            {
                _counted += bytes;
                _liveness.BytesReceived(bytes);
                _receiver.OnBytes(header, bytes);
            });
        }
    }

    /// <summary>The connection broke under it. A process that is frozen learns it when it runs again.</summary>
    public void Reset(string why) => _process.Run(() => EndWith(
        new PumpEnd(PumpEndReason.Reset, new Problem(Reason.SessionLost, $"The connection broke: {why}")), goodbye: false));

    /// <summary>Its process is gone: the kernel closes what it had.</summary>
    public void Abandon()
    {
        if (_end is null)
        {
            _end = new PumpEnd(PumpEndReason.Cancelled, null);
            _link.AbortFrom(this);
        }

        _beat?.Dispose();
        DropQueues();
    }

    /// <summary>Reads on, now that it may.</summary>
    public void ReadAgain() => _process.Run(Read);

    /// <summary>Writes on, now that the other end has read.</summary>
    public void WriteAgain() => _process.Run(Write);

    private void Write()
    {
        if (_writing || _end is not null || _receiver is null || !(_control.TryDequeue(out OutgoingFrame? frame) || TryTakeChunk(out frame)))
        {
            return;
        }

        _writing = true;
        _liveness.WriteProgressed();
        WriteOut(frame!);
    }

    private void WriteOut(OutgoingFrame frame)
    {
        if (!_link.HasRoom(this))
        {
            // Looked at again when the other end reads, and now and then for what else may have changed.
            _network.World.Later(TimeSpan.FromMilliseconds(50), () => _process.Run(() => WriteOutOrDrop(frame)));
            return;
        }

        WritePart(frame, frame.Header.WireLength + FrameHeader.Size);
    }

    // What takes longer than a second goes in parts of a second, which both ends see.
    private void WritePart(OutgoingFrame frame, int left)
    {
        int part = (int)Math.Clamp(_network.Rate / _link.Slowness, Math.Min(left, Options.ProgressBytes), left);
        _network.World.Later(_network.TimeFor(part) * _link.Slowness, () => _process.Run(() =>
        {
            _bytesSent += part;
            if (_end is null && part < left)
            {
                _liveness.WriteProgressed();
                _link.CarryPart(this, frame.Header, part);
                WritePart(frame, left - part);
                return;
            }

            if (_end is null)
            {
                _network.Send(_link, this, frame);
                frame.TakeWritten()?.TrySetResult();
            }

            frame.Dispose();
            _liveness.WriteEnded();
            _writing = false;
            Write();
        }));
    }

    private void WriteOutOrDrop(OutgoingFrame frame)
    {
        if (_end is null)
        {
            WriteOut(frame);
        }
        else
        {
            frame.Dispose();
        }
    }

    private bool TryTakeChunk(out OutgoingFrame? frame)
    {
        if (!_chunks.TryDequeue(out frame))
        {
            return false;
        }

        if (_waiting.First is { } next)
        {
            _waiting.RemoveFirst();
            _chunks.Enqueue(next.Value.Frame);
            next.Value.Taken.TrySetResult(true);
        }

        return true;
    }

    private void Read()
    {
        while (_end is null && _receiver is not null && _delivering is null && !IsSlowReader && _inbox.TryDequeue(out SimFrame? frame))
        {
            UnreadBytes -= frame.Bytes;
            Take(frame);
        }
    }

    private void Take(SimFrame frame)
    {
        if (frame.IsEnd)
        {
            EndWith(new PumpEnd(PumpEndReason.PeerClosed, new Problem(Reason.SessionLost, "The peer closed without a goodbye.")), goodbye: false);
            return;
        }

        if (!FrameHeader.TryRead(frame.Head, out FrameHeader header, out FrameError error))
        {
            frame.Drop();
            if (error is FrameError.UnknownType or FrameError.LengthOutOfRange && header.CanSkip)
            {
                _liveness.FrameReceived();
                Refuse(header, $"type {(byte)header.Type}, {header.WireLength} bytes: {error}");
            }
            else
            {
                Violate($"no frame can be read any more: {error}");
            }

            return;
        }

        if (header.WireLength != frame.Body!.Length)
        {
            // A length that is not the body's: the next header is looked for where none is.
            frame.Drop();
            Violate($"no frame can be read any more: {FrameError.BadMagic}");
            return;
        }

        _liveness.FrameReceived();
        if (_network.IsVerbose)
        {
            _process.World.Story.Tell(_process.Node.Value, $"takes {header.Type} {header.Flags} chunk {header.Chunk} entry {header.Entry} {header.WireLength} bytes over {Number}");
        }

        switch (header.Type)
        {
            case FrameType.Ping:
                OnPing(header, frame);
                break;
            case FrameType.Goodbye:
                OnGoodbye(header, frame);
                break;
            case FrameType.Hello:
                frame.Drop();
                Violate("a second Hello");
                break;
            default:
                Deliver(header, frame);
                break;
        }
    }

    private void Deliver(FrameHeader header, SimFrame frame)
    {
        BufferLease body = frame.Body!;
        frame.Body = null;
        ValueTask delivery;
        try
        {
            _receiver!.OnBytes(header, Math.Max(0, body.Length - _counted));
            _counted = 0;
            delivery = _receiver.OnFrameAsync(header, body, _stopReceiving.Token);
        }
        catch (Exception error)
        {
            OnFault(error);
            return;
        }

        if (delivery.IsCompletedSuccessfully)
        {
            return;
        }

        _liveness.PauseReceiving();
        _delivering = delivery.AsTask();
        _delivering.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => _process.World.Schedule(_process, new ReadTurn(this)));
    }

    private void OnDelivered()
    {
        Task delivered = _delivering!;
        _delivering = null;
        if (_end is not null)
        {
            return;
        }

        _liveness.ResumeReceiving();
        if (delivered.Exception is { } error)
        {
            OnFault(error.InnerExceptions[0]);
        }

        Read();
    }

    private void OnFault(Exception error) =>
        EndWith(new PumpEnd(PumpEndReason.Faulted, new Problem(Reason.Unclassified, $"{error.GetType().Name}: {error.Message}")), goodbye: true);

    private void OnPing(FrameHeader header, SimFrame frame)
    {
        bool good = PingBody.TryRead(frame.Body!.Memory.Span, out PingBody ping);
        frame.Drop();
        if (!good)
        {
            Refuse(header, "a ping without its number");
        }
        else if (!header.Flags.HasFlag(FrameFlags.Reply))
        {
            TrySend(OutgoingFrame.Control(SendPump.HeaderOf(FrameType.Ping) with { Flags = FrameFlags.Reply }, ping));
        }
    }

    private void OnGoodbye(FrameHeader header, SimFrame frame)
    {
        bool good = GoodbyeBody.TryRead(frame.Body!.Memory.Span, out GoodbyeBody? goodbye);
        frame.Drop();
        if (!good)
        {
            Refuse(header, "an unreadable goodbye");
            return;
        }

        EndWith(
            new PumpEnd(PumpEndReason.PeerClosed, goodbye!.Reason == Reason.None ? null : new Problem(goodbye.Reason, goodbye.Detail)), goodbye: false);
    }

    private void Refuse(FrameHeader header, string what)
    {
        _receiver!.OnRefused(what);
        if (++_refused >= Options.MaxRefusedFrames)
        {
            Violate($"{_refused} frames were refused, the last one: {what}");
            return;
        }

        TrySend(OutgoingFrame.Control(
            header with { Type = FrameType.Nack, Flags = FrameFlags.None, RawLength = 0 },
            new NackBody(NackReason.OutOfRange, $"Refused a frame of {what}.", default, default)));
    }

    private void Violate(string what) => EndWith(
        new PumpEnd(PumpEndReason.ProtocolViolation, new Problem(Reason.ProtocolViolation, $"The peer broke the protocol: {what}.")), goodbye: true);

    private void Beat()
    {
        switch (_liveness.Check())
        {
            case LivenessVerdict.PingDue:
                TrySend(OutgoingFrame.Control(SendPump.HeaderOf(FrameType.Ping), new PingBody(++_pings)));
                break;
            case LivenessVerdict.PeerSilent:
                EndWith(Lost("was silent"), goodbye: false);
                break;
            case LivenessVerdict.PeerNotReading:
                EndWith(Lost("took nothing"), goodbye: false);
                break;
            default:
                break;
        }
    }

    private PumpEnd Lost(string how) => new(PumpEndReason.HeartbeatLost, new Problem(Reason.SessionLost, $"Node '{Peer}' {how} for 15 s."));

    private void EndWith(PumpEnd end, bool goodbye)
    {
        if (_end is not null)
        {
            return;
        }

        _end = end;
        _process.World.Story.Tell(_process.Node.Value, $"connection {Number} to {Peer} ends: {end.Reason} {end.Problem?.Detail}");
        if (goodbye)
        {
            while (_control.TryDequeue(out OutgoingFrame? word))
            {
                using OutgoingFrame owned = word;
                _link.Carry(this, SimFrame.Of(owned, _network.PoolOf(_link.Other(this).Process)));
            }

            using OutgoingFrame last = OutgoingFrame.Control(
                SendPump.HeaderOf(FrameType.Goodbye), new GoodbyeBody(end.Problem?.Reason ?? Reason.None, end.Problem?.Detail ?? string.Empty));
            _link.Carry(this, SimFrame.Of(last, _network.PoolOf(_link.Other(this).Process)));
            _link.Carry(this, SimFrame.End());
        }
        else
        {
            _link.AbortFrom(this);
        }

        _beat?.Dispose();
        _cancellation.Dispose();
        _stopReceiving.Cancel();
        DropQueues();
        _ended.TrySetResult(end);
    }

    private void DropQueues()
    {
        while (_control.TryDequeue(out OutgoingFrame? frame) || _chunks.TryDequeue(out frame))
        {
            frame.Dispose();
        }

        foreach (WaitingFrame waiting in _waiting.ToArray())
        {
            waiting.Frame.Dispose();
            waiting.Taken.TrySetResult(false);
        }

        _waiting.Clear();
        while (_inbox.TryDequeue(out SimFrame? unread))
        {
            unread.Drop();
        }

        UnreadBytes = 0;
    }

    private sealed class WaitingFrame(OutgoingFrame frame)
    {
        public OutgoingFrame Frame { get; } = frame;

        public TaskCompletionSource<bool> Taken { get; } = new();
    }

    private sealed class ReadTurn(SimEnd end) : IThreadPoolWorkItem
    {
        public void Execute() => end.OnDelivered();
    }
}
