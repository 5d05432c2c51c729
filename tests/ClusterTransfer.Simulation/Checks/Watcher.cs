using ClusterTransfer.Model;
using ClusterTransfer.Simulation.Faults;
using ClusterTransfer.Simulation.Network;
using ClusterTransfer.Simulation.Nodes;
using ClusterTransfer.Simulation.Runs;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Simulation.Checks;

/// <summary>Looks on while a run goes: never a part under a final name (I2), durable chunks are not sent again (I3).</summary>
internal sealed class Watcher
{
    private readonly SimRun _run;
    private readonly FaultDesk _desk;
    private readonly Dictionary<uint, Epoch> _durable = [];
    private bool _namesChanged;

    public Watcher(SimRun run, FaultDesk desk)
    {
        _run = run;
        _desk = desk;
        desk.OnCallAlways((node, call, _) =>
        {
            _namesChanged |= node == run.Cluster.Destination && call is NativeCall.Rename or NativeCall.Link;
            return Errno.None;
        });
        desk.OnFrameAlways(Look);
    }

    /// <summary>Payload bytes that left the source, sent again ones included.</summary>
    public long BytesSent { get; private set; }

    /// <summary>After each step of the run.</summary>
    public void Look()
    {
        if (_namesChanged)
        {
            _namesChanged = false;
            LookAtNames();
        }
    }

    /// <summary>What stands under a final name is a whole file.</summary>
    public void LookAtNames()
    {
        foreach ((string path, byte[] expected, string full) in _run.Tree.At(_run.Cluster.DestinationFolder))
        {
            if (File.Exists(full) && !Same(full, expected) && !(_run.OldFile is { } old && path.Length == 0 && Same(full, old)))
            {
                throw new InvariantException("I2", $"'{path}' is not the whole file: {new FileInfo(full).Length} of {expected.Length} bytes.");
            }
        }
    }

    private static bool Same(string file, byte[] expected)
    {
        using FileStream stream = File.OpenRead(file);
        if (stream.Length != expected.Length)
        {
            return false;
        }

        byte[] buffer = new byte[64 * 1024];
        int at = 0;
        for (int read; (read = stream.Read(buffer)) > 0; at += read)
        {
            if (!buffer.AsSpan(0, read).SequenceEqual(expected.AsSpan(at, read)))
            {
                return false;
            }
        }

        return at == expected.Length;
    }

    private bool Look(SimLink link, SimEnd from, SimFrame frame)
    {
        FrameHeader header = frame.Header;
        if (header.Type == FrameType.Ack && header.Flags.HasFlag(FrameFlags.Durable) && AckBody.TryRead(frame.Body!.Memory.Span, out AckBody? ack))
        {
            foreach (uint chunk in ack.Chunks)
            {
                _durable.TryAdd(chunk, header.Epoch);
            }
        }
        else if (header.Type == FrameType.Nack && NackBody.TryRead(frame.Body!.Memory.Span, out NackBody? nack) && nack.Reason == NackReason.Lost && !_desk.MayLoseDurable)
        {
            throw new InvariantException("I3", $"chunk {header.Chunk} was durable and is lost.");
        }
        else if (header.Type == FrameType.Chunk)
        {
            BytesSent += header.RawLength;
            if (_durable.TryGetValue(header.Chunk.Value, out Epoch since) && header.Epoch > since && !_desk.MayLoseDurable)
            {
                throw new InvariantException("I3", $"chunk {header.Chunk} was durable in session {since} and is sent again in {header.Epoch}.");
            }
        }

        return false;
    }
}
