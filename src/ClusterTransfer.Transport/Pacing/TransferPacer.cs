using ClusterTransfer.Model;

namespace ClusterTransfer.Transport.Pacing;

/// <summary>Paces what one transfer sends, over all its connections: lets chunks begin only as fast as they can be sent, and hands out the parts in which they are written.</summary>
/// <remarks>Thread-safe. A chunk that waits for its turn has no buffer yet: a slow transfer would else hold all there are, and those beside it would wait with it.</remarks>
public sealed partial class TransferPacer : IDisposable
{
    // So much is read ahead of the rate, that a disk may take its time; and so much may stay read when the rate becomes another.
    private const int AheadPerSecond = 4;
    private const int KeptPerSecond = 1;

    // Short waits are in the nature of parts; a limit holds something back when it costs a twentieth of the time.
    private const int HeldBackPart = 20;

    private const int MostIdle = 64;

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly SendShare _share;
    private readonly LinkedList<PacedChunk> _waiting = [];  // to begin; this and the rest: guarded by _lock
    private readonly LinkedList<PacedChunk> _ready = [];    // begun, in that order, and not being written
    private readonly Stack<PacedChunk> _idle = [];
    private long _ahead;                                    // bytes of chunks that have begun and are not written
    private long _leaving;                                  // those of them that are recalled while they are read
    private int _live;                                      // chunks that have begun
    private TimeSpan _told;                                 // only whoever asks HeldBack, and when that was
    private long _toldAt;

    /// <param name="limits">Those of the node.</param>
    /// <param name="time">The clock.</param>
    /// <param name="peer">Where it sends to.</param>
    /// <param name="bytesPerSecond">The transfer's own limit; null for none.</param>
    /// <param name="weight">Above 0; one of weight 2 gets twice what one of weight 1 gets where both share a limit.</param>
    public TransferPacer(SendLimits limits, TimeProvider time, NodeId peer, long? bytesPerSecond, double weight = 1)
    {
        _time = time;
        _toldAt = time.GetTimestamp();
        _share = limits.Join(peer, weight, bytesPerSecond, Adjust);
    }

    /// <summary>The transfer's own limit in bytes per second; null for none. Takes effect at once, also on what waits.</summary>
    public long? Limit
    {
        get => _share.Limits.OwnOf(_share);
        set => _share.Limits.SetOwn(_share, value);
    }

    /// <summary>The limit that held it back since this was asked last; null when none did, or none holds any more. Only one may ask.</summary>
    public HeldBack? HeldBack()
    {
        (TimeSpan waited, HeldBack? by) = _share.Limits.LookAt(_share);
        long now = _time.GetTimestamp();
        bool held = (waited - _told) * HeldBackPart > _time.GetElapsedTime(_toldAt, now);
        (_told, _toldAt) = (waited, now);
        return held ? by : null;
    }

    /// <summary>Waits until a chunk may begin, and returns what paces it.</summary>
    /// <param name="bytes">Its length as far as that is known; it may turn out to be less.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    public ValueTask<PacedChunk> BeginAsync(int bytes, CancellationToken cancellationToken)
    {
        if (_share.IsLimited)
        {
            _share.Limits.Touch(_share);
        }

        PacedChunk? chunk;
        lock (_lock)
        {
            if (_idle.TryPop(out chunk))
            {
                chunk.Reset();
            }

            chunk ??= new PacedChunk(this, _share);
            chunk.Left = bytes;
            if (_waiting.Count == 0 && MayBeginLocked())
            {
                BeginLocked(chunk);
                return new ValueTask<PacedChunk>(chunk);
            }

            _waiting.AddLast(chunk.Place);
        }

        return chunk.WaitToBegin(cancellationToken);
    }

    /// <summary>The transfer sends no more. What is on its way goes unpaced: in the middle of a frame it would hold up everybody else on that connection.</summary>
    public void Dispose() => _share.Limits.Leave(_share);

    /// <summary>It is being written from now on; what it took last was.</summary>
    internal void BeforeTake(PacedChunk chunk)
    {
        PacedChunk? begun;
        lock (_lock)
        {
            if (chunk.Place.List is { } ready)
            {
                ready.Remove(chunk.Place);
            }

            int written = Math.Min(chunk.Taker.TakeBytes(), chunk.Left);
            chunk.Left -= written;
            _ahead -= written;
            begun = BeginSomeLocked();
        }

        Tell(begun);
    }

    internal void End(PacedChunk chunk, bool mayBeUsedAgain)
    {
        PacedChunk? begun;
        lock (_lock)
        {
            if (chunk.Place.List is { } ready)
            {
                ready.Remove(chunk.Place);
            }

            _ahead -= chunk.Left;
            _leaving -= chunk is { IsRecalled: true, Holder: null } ? chunk.Left : 0;
            _live--;
            chunk.Taker.TakeBytes();
            if (mayBeUsedAgain && _idle.Count < MostIdle)
            {
                _idle.Push(chunk);
            }

            begun = BeginSomeLocked();
        }

        Tell(begun);
    }

    internal bool TryHold(PacedChunk chunk, IRecallable holder)
    {
        lock (_lock)
        {
            if (chunk.IsRecalled)
            {
                return false;
            }

            chunk.Holder = holder;
            return true;
        }
    }

    internal bool TryGiveUp(PacedChunk chunk)
    {
        lock (_lock)
        {
            if (chunk.HasBegun || chunk.Place.List is null)
            {
                return false;
            }

            _waiting.Remove(chunk.Place);
            return true;
        }
    }

    private bool MayBeginLocked() => _ahead == 0 || !_share.IsLimited || _ahead <= _share.Rate / AheadPerSecond;

    private void BeginLocked(PacedChunk chunk)
    {
        chunk.HasBegun = true;
        chunk.Start();
        _ahead += chunk.Left;
        _live++;
        _ready.AddLast(chunk.Place);
    }

    private PacedChunk? BeginSomeLocked()
    {
        PacedChunk? first = null;
        PacedChunk? last = null;
        while (_waiting.First is { Value: var next } && MayBeginLocked())
        {
            _waiting.RemoveFirst();
            BeginLocked(next);
            next.NextBegun = null;
            if (last is null)
            {
                first = next;
            }
            else
            {
                last.NextBegun = next;
            }

            last = next;
        }

        return first;
    }

    private static void Tell(PacedChunk? begun)
    {
        while (begun is not null)
        {
            PacedChunk one = begun;
            begun = one.NextBegun;
            one.NextBegun = null;
            one.Begin();
        }
    }
}
