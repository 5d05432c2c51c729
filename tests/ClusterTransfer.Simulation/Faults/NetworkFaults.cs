using ClusterTransfer.Model;
using ClusterTransfer.Simulation.Network;
using ClusterTransfer.Simulation.Nodes;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Simulation.Faults;

/// <summary>What happens to data connections: N.</summary>
internal static class NetworkFaults
{
    public static void Reset(FaultDesk desk) => AtFrame(desk, Few(desk), link =>
    {
        bool all = desk.World.Chance(0.4);
        desk.Fire("N1", all ? "all connections" : "one connection");
        foreach (SimLink one in all ? desk.Cluster.Network.Open.ToArray() : [link])
        {
            one.Break("reset");
        }
    });

    public static void CipherFlip(FaultDesk desk) => AtFrame(desk, Few(desk), link =>
    {
        desk.Fire("N5", "TLS alert");
        link.Break("TLS alert: bad record MAC");
    });

    public static void BlackHole(FaultDesk desk)
    {
        int left = Few(desk);
        int ways = desk.Random.Next(3);   // both, from the dialler, from the listener
        bool everything = desk.World.Chance(0.5);
        TimeSpan time = desk.World.Between(500, 45_000);
        AtFrame(desk, left, link =>
        {
            desk.Fire("N2", $"{(everything ? "all connections" : "one connection")}, way {ways}, for {time.TotalSeconds:0.0} s");
            SimLink[] links = everything ? [.. desk.Cluster.Network.Open] : [link];
            bool open = true;
            foreach (SimLink one in links)
            {
                one.Hole[0] = ways is 0 or 1;
                one.Hole[1] = ways is 0 or 2;
            }

            desk.OnDial((_, _) => everything && open ? DialFate.NoAnswer : null);
            desk.World.Later(time, () =>
            {
                open = false;
                Array.ForEach(links, one => one.Heal());
            });
        });
    }

    public static void DeafDial(FaultDesk desk)
    {
        int left = desk.Random.Next(1, 5);
        int skip = desk.Random.Next(0, 3);
        DialFate fate = desk.Random.Next(3) switch { 0 => DialFate.NoAnswer, 1 => DialFate.HoleAfterLogin, _ => DialFate.Refused };
        desk.OnDial((_, _) =>
        {
            if (skip-- > 0 || left-- <= 0)
            {
                return null;
            }

            desk.Fire("N3", fate.ToString());
            return fate;
        });
    }

    public static void Loss(FaultDesk desk)
    {
        bool mtu = desk.World.Chance(0.4);
        TimeSpan time = desk.World.Between(1000, 30_000);
        AtFrame(desk, Few(desk), link =>
        {
            desk.Fire("N4", mtu ? "large frames stick" : $"slow for {time.TotalSeconds:0.0} s");
            if (mtu)
            {
                link.Hole[0] = true;
            }

            SimLink[] links = mtu ? [link] : [.. desk.Cluster.Network.Open];
            double slowness = Math.Pow(10, 1 + desk.Random.NextDouble());
            Array.ForEach(links, one => one.Slowness = slowness);
            desk.World.Later(time, () => Array.ForEach(links, one => one.Heal()));
        });
    }

    public static void InnerFlip(FaultDesk desk)
    {
        int left = Few(desk);
        int kind = desk.Random.Next(4);
        desk.OnFrame((link, from, frame) =>
        {
            bool suits = kind == 0 || frame.Header.Type == FrameType.Chunk;
            if (!suits || --left != 0)
            {
                return false;
            }

            BufferPool pool = desk.Cluster.Network.PoolOf(link.Other(from).Process);
            switch (kind)
            {
                case 0:
                    frame.Head[desk.Random.Next(frame.Head.Length)] ^= (byte)(1 << desk.Random.Next(8));
                    desk.Fire("N6", $"header of {frame.Header.Type}");
                    break;
                case 1 when frame.Body!.Length > 40:
                    frame.Body!.Memory.Span[desk.Random.Next(34, frame.Body.Length)] ^= (byte)(1 << desk.Random.Next(8));
                    desk.Fire("N6", $"payload of chunk {frame.Header.Chunk}");
                    break;
                case 2:
                    frame.Body!.Memory.Span[desk.Random.Next(32)] ^= (byte)(1 << desk.Random.Next(8));
                    desk.Fire("N6", $"digest of chunk {frame.Header.Chunk}");
                    break;
                default:
                    desk.Fire("N6", $"index of chunk {frame.Header.Chunk}");
                    SimFrame other = frame.With(frame.Header with { Chunk = new ChunkIndex(frame.Header.Chunk.Value ^ (1u << desk.Random.Next(3))) });
                    link.Carry(from, other);
                    return true;
            }

            _ = pool;
            return false;
        });
    }

    public static void DuplicateOrReorder(FaultDesk desk)
    {
        int left = desk.Random.Next(2, 25);
        bool reorder = desk.World.Chance(0.4);
        bool counted = false;
        desk.OnFrame((link, from, frame) =>
        {
            if (left <= 0 || frame.Header.Type is FrameType.Goodbye or FrameType.Hello || !desk.World.Chance(0.4))
            {
                return false;
            }

            SimEnd to = link.Other(from);
            if (reorder && frame.Header.Type is FrameType.Chunk or FrameType.Ack or FrameType.FileDone)
            {
                left--;
                Count($"{frame.Header.Type} is overtaken");
                link.Deliver(to, frame, desk.World.Between(1, 800));
                return true;
            }

            if (!reorder)
            {
                left--;
                Count($"{frame.Header.Type} twice");
                SimFrame copy = frame.Copy(desk.Cluster.Network.PoolOf(to.Process));
                if (desk.World.Chance(0.5))
                {
                    link.Carry(from, copy);
                }
                else
                {
                    link.Deliver(to, copy, desk.World.Between(1, 500));
                }
            }

            return false;
        });

        void Count(string what)
        {
            if (!counted)
            {
                counted = true;
                desk.Fire("N7", what);
            }
            else
            {
                desk.World.Story.Tell("FAULT", $"N7 too: {what}");
            }
        }
    }

    public static void Late(FaultDesk desk)
    {
        int left = desk.Random.Next(1, 4);
        desk.OnFrame((_, from, frame) =>
        {
            if (frame.Header.Type is not (FrameType.Chunk or FrameType.FileDone or FrameType.ManifestPage) || --left != 0)
            {
                return false;
            }

            // Kept as bytes: the process it is meant for may be another one by then.
            byte[] body = frame.Body!.Memory.ToArray();
            FrameHeader header = frame.Header;
            NodeId sender = from.Process.Node;
            long begun = desk.Cluster.Hub.Events.EventsOf($"transfer-{desk.Cluster.Id}").Count;
            Inject(tries: 40);
            return false;

            void Inject(int tries) => desk.After(desk.World.Between(100, 2500), () =>
            {
                bool later = desk.Cluster.Hub.Events.EventsOf($"transfer-{desk.Cluster.Id}").Count > begun;
                SimLink? open = desk.Cluster.Network.Open.FirstOrDefault(link => !link.Dialler.IsClosed && !link.Listener.IsClosed);
                if (later && open is not null)
                {
                    SimEnd to = open.Dialler.Process.Node == sender ? open.Listener : open.Dialler;
                    desk.Fire("N8", $"{header.Type} {header.Chunk} of epoch {header.Epoch}");
                    open.Deliver(to, SimFrame.Of(header, body, default, desk.Cluster.Network.PoolOf(to.Process)), TimeSpan.Zero);
                }
                else if (tries > 0)
                {
                    Inject(tries - 1);
                }
            });
        });
    }

    public static void Impossible(FaultDesk desk)
    {
        int left = Few(desk);
        int times = desk.Random.Next(1, 4);
        desk.OnFrame((link, from, frame) =>
        {
            if (frame.Header.Type is FrameType.Hello or FrameType.Goodbye || --left > 0 || times-- <= 0)
            {
                return false;
            }

            FrameHeader header = frame.Header;
            SimFrame wrong = desk.Random.Next(5) switch
            {
                0 => frame.With(header with { RawLength = -1 }),
                1 => frame.With(header with { WireLength = int.MaxValue }),
                2 => frame.With(header with { Chunk = new ChunkIndex(desk.World.Chance(0.5) ? uint.MaxValue : 1_000_000) }),
                3 => frame.With(header with { RawLength = header.RawLength + 1 }),
                _ => frame.With(header with { Entry = new EntryIndex(uint.MaxValue) }),
            };
            desk.Fire("N9", $"{header.Type}: raw {wrong.Header.RawLength}, wire {wrong.Header.WireLength}, chunk {wrong.Header.Chunk}, entry {wrong.Header.Entry}");
            link.Carry(from, wrong);
            return true;
        });
    }

    public static void SlowReader(FaultDesk desk) => AtFrame(desk, Few(desk), link =>
    {
        SimEnd end = desk.World.Chance(0.7) ? link.Listener : link.Dialler;
        TimeSpan time = desk.World.Between(2000, 60_000);
        desk.Fire("N11", $"{end.Process.Node} does not read for {time.TotalSeconds:0.0} s");
        end.IsSlowReader = true;
        desk.World.Later(time, () =>
        {
            end.IsSlowReader = false;
            end.ReadAgain();
        });
    });

    public static void Flapping(FaultDesk desk)
    {
        int rounds = desk.Random.Next(2, 8);
        bool down = false;
        desk.OnDial((_, _) => down ? DialFate.Refused : null);
        desk.Sometime(Flap);

        void Flap()
        {
            down = !down && rounds-- > 0;
            if (down)
            {
                desk.Fire("N13", "down");
                foreach (SimLink link in desk.Cluster.Network.Open.ToArray())
                {
                    link.Break("the link is down");
                }
            }

            if (down || rounds > 0)
            {
                desk.After(TimeSpan.FromSeconds(2), Flap);
            }
        }
    }

    public static void AckLost(FaultDesk desk)
    {
        int left = desk.Random.Next(1, 5);
        bool late = desk.World.Chance(0.3);
        desk.OnFrame((link, from, frame) =>
        {
            if (frame.Header.Type != FrameType.Ack || left-- <= 0)
            {
                return false;
            }

            desk.Fire("N14", late ? "an acknowledgement is late" : "an acknowledgement is lost");
            if (late)
            {
                link.Deliver(link.Other(from), frame, desk.World.Between(1000, 40_000));
            }
            else
            {
                frame.Drop();
            }

            return true;
        });
    }

    public static void OtherVersion(FaultDesk desk)
    {
        if (desk.World.Chance(0.5))
        {
            int dials = desk.Random.Next(1, 3);
            desk.OnDial((_, _) =>
            {
                if (dials-- <= 0)
                {
                    return null;
                }

                // Three in a row are taken for the truth.
                desk.MayEndOtherwise = true;
                desk.Fire("N15", "a node of another version answers");
                return DialFate.WrongVersion;
            });
            return;
        }

        int left = Few(desk);
        int times = desk.Random.Next(1, 3);
        desk.OnFrame((link, from, frame) =>
        {
            if (--left > 0 || times-- <= 0)
            {
                return false;
            }

            // An addition that this version does not know, between two frames it does.
            desk.Fire("N15", "a frame of unknown type");
            FrameHeader unknown = frame.Header with { Type = (FrameType)(40 + desk.Random.Next(100)), RawLength = 0 };
            link.Carry(from, SimFrame.Of(unknown, new byte[desk.Random.Next(200)], default, desk.Cluster.Network.PoolOf(link.Other(from).Process)));
            return false;
        });
    }

    private static int Few(FaultDesk desk) => desk.Random.Next(1, 14);

    private static void AtFrame(FaultDesk desk, int count, Action<SimLink> work) => desk.OnFrame((link, _, _) =>
    {
        if (--count == 0)
        {
            // The frame itself still leaves: what happens, happens behind it.
            desk.World.Later(TimeSpan.Zero, () => work(link));
        }

        return false;
    });
}
