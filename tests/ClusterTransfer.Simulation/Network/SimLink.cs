using ClusterTransfer.Simulation.World;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Simulation.Network;

/// <summary>One TCP connection between two processes: keeps order, takes time, can break, and can swallow everything without a word.</summary>
internal sealed class SimLink
{
    private const int PacketBytes = 1448;
    private const int MostTimeouts = 6;
    private static readonly TimeSpan FirstTimeout = TimeSpan.FromMilliseconds(200);

    private readonly SimNetwork _network;
    private readonly List<SimFrame>[] _swallowed = [[], []];
    private readonly TimeSpan[] _lastArrival = new TimeSpan[2];
    private long _lastSequence;

    public SimLink(SimNetwork network, SimProcess dialler, SimProcess listener)
    {
        _network = network;
        byte[] nonce = new byte[32];
        network.World.Random.NextBytes(nonce);
        Dialler = new SimEnd(this, network, dialler, listener, dialled: true, nonce);
        Listener = new SimEnd(this, network, listener, dialler, dialled: false, nonce);
    }

    public SimEnd Dialler { get; }

    public SimEnd Listener { get; }

    /// <summary>Whether nothing arrives, by direction: 0 from the dialler, 1 from the listener. TCP keeps what was sent.</summary>
    public bool[] Hole { get; } = new bool[2];

    /// <summary>How much slower than usual.</summary>
    public double Slowness { get; set; } = 1;

    public bool IsOpen => !Dialler.IsClosed || !Listener.IsClosed;

    public SimEnd Other(SimEnd end) => end == Dialler ? Listener : Dialler;

    public int DirectionFrom(SimEnd end) => end == Dialler ? 0 : 1;

    /// <summary>A frame leaves an end.</summary>
    public void Carry(SimEnd from, SimFrame frame)
    {
        SimEnd to = Other(from);
        if (to.IsClosed)
        {
            frame.Drop();
            if (!frame.IsEnd)
            {
                // Nobody is there: the kernel of the other machine says so.
                _network.World.Later(Latency(), () => from.Reset("Connection reset by peer"));
            }

            return;
        }

        int direction = DirectionFrom(from);
        frame.Sequence = frame.Sequence == 0 ? ++_lastSequence : frame.Sequence;
        if (Hole[direction])
        {
            _swallowed[direction].Add(frame);
            return;
        }

        TimeSpan at = _network.World.Time.Elapsed + Latency() + LossOf(frame.Bytes);
        at = _lastArrival[direction] = at < _lastArrival[direction] ? _lastArrival[direction] : at;
        Deliver(to, frame, at - _network.World.Time.Elapsed);
    }

    /// <summary>A part of a frame that has not left as a whole.</summary>
    public void CarryPart(SimEnd from, FrameHeader header, int bytes)
    {
        int direction = DirectionFrom(from);
        if (!Hole[direction])
        {
            _network.World.Later(Latency(), () =>
            {
                if (!Hole[direction])
                {
                    Other(from).ArrivePart(header, bytes);
                }
            });
        }
    }

    /// <summary>Past all order: late, or a second time.</summary>
    public void Deliver(SimEnd to, SimFrame frame, TimeSpan after) => _network.World.Later(after, () =>
    {
        // What is between two machines when a hole opens falls into it.
        int direction = DirectionFrom(Other(to));
        if (Hole[direction] && !to.IsClosed)
        {
            _swallowed[direction].Add(frame);
            return;
        }

        to.Arrive(frame);
    });

    /// <summary>Both ends hear that it broke.</summary>
    public void Break(string why)
    {
        Dialler.Reset(why);
        Listener.Reset(why);
    }

    /// <summary>One end is gone without a Goodbye: its kernel tells the other, if it can be reached.</summary>
    public void AbortFrom(SimEnd from)
    {
        if (!Hole[DirectionFrom(from)])
        {
            _network.World.Later(Latency(), () => Other(from).Reset("Connection reset by peer"));
        }
    }

    /// <summary>Holes close; TCP sends again what they swallowed.</summary>
    public void Heal()
    {
        Slowness = 1;
        for (int direction = 0; direction < 2; direction++)
        {
            Hole[direction] = false;
            SimEnd from = direction == 0 ? Dialler : Listener;
            SimFrame[] again = [.. _swallowed[direction].OrderBy(frame => frame.Sequence)];
            _swallowed[direction].Clear();
            foreach (SimFrame frame in again)
            {
                Carry(from, frame);
            }

            if (from.IsClosed && !Other(from).IsClosed)
            {
                AbortFrom(from);
            }
        }
    }

    /// <summary>Whether a sender still finds room: what a hole or a receiver that does not read leaves lying fills the window.</summary>
    public bool HasRoom(SimEnd from) => Other(from).UnreadBytes + _swallowed[DirectionFrom(from)].Sum(frame => (long)frame.Bytes) < _network.SocketBytes;

    public void DropSwallowed()
    {
        foreach (SimFrame frame in _swallowed.SelectMany(frames => frames))
        {
            frame.Drop();
        }
    }

    // A packet that is lost is missed and sent again at once; one that is lost once more only after a time-out, which doubles.
    private TimeSpan LossOf(int bytes)
    {
        TimeSpan late = TimeSpan.Zero;
        for (int packets = _network.Loss > 0 ? (bytes / PacketBytes) + 1 : 0; packets > 0; packets--)
        {
            for (int times = 0; times < MostTimeouts && _network.World.Chance(_network.Loss); times++)
            {
                late += times == 0 ? Latency() : FirstTimeout * (1 << (times - 1));
            }
        }

        return late;
    }

    private TimeSpan Latency() => _network.World.Between(0.1, 2) * Slowness;
}
