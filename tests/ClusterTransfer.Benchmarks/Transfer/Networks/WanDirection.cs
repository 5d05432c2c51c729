using System.Diagnostics;

namespace ClusterTransfer.Benchmarks.Transfer.Networks;

/// <summary>Carries packets one way, on a thread of its own.</summary>
internal sealed class WanDirection
{
    private const int MaxPacket = 2_048;          // The devices' packets are of 1,500 bytes at most.
    private const int MaxTaken = 64;              // Then what is due is delivered.
    private const long LongestWait = 100_000_000; // In ns: how late the end may be noticed.

    private readonly TunDevice _from;
    private readonly TunDevice _to;
    private readonly Queue<(long Due, byte[] Bytes, int Length)> _onTheWay = new();
    private readonly Stack<byte[]> _free = new();
    private readonly Thread _thread;
    private volatile bool _isEnding;

    public WanDirection(TunDevice from, TunDevice to, WanShaper shaper)
    {
        (_from, _to, Shaper) = (from, to, shaper);
        _thread = new Thread(Run) { IsBackground = true, Name = "wan" };
        _thread.Start();
    }

    public WanShaper Shaper { get; }

    /// <summary>Ends it; what is on the way is lost.</summary>
    public void Stop()
    {
        _isEnding = true;
        _thread.Join();
    }

    private static long Now() => (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));

    private void Run()
    {
        while (!_isEnding)
        {
            Deliver();
            if (Take() < MaxTaken)
            {
                long wait = _onTheWay.TryPeek(out (long Due, byte[] Bytes, int Length) next) ? next.Due - Now() : LongestWait;
                if (wait > 0)
                {
                    _from.Wait(Math.Min(wait, LongestWait));
                }
            }
        }
    }

    private void Deliver()
    {
        long now = Now();
        while (_onTheWay.TryPeek(out (long Due, byte[] Bytes, int Length) packet) && packet.Due <= now)
        {
            _to.Write(packet.Bytes.AsSpan(0, packet.Length));
            _onTheWay.Dequeue();
            _free.Push(packet.Bytes);
        }
    }

    private int Take()
    {
        int taken = 0;
        while (taken < MaxTaken)
        {
            byte[] packet = _free.TryPop(out byte[]? used) ? used : new byte[MaxPacket];
            int length = _from.Read(packet);
            if (length > 0 && Shaper.Arrival(Now(), length) is { } due)
            {
                _onTheWay.Enqueue((due, packet, length));
            }
            else
            {
                _free.Push(packet);
            }

            if (length == 0)
            {
                break;
            }

            taken++;
        }

        return taken;
    }
}
