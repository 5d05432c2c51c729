using System.Net;
using ClusterTransfer.Chaos.Harness;
using ClusterTransfer.Chaos.Invariants;
using ClusterTransfer.TestKit.Proxy;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Chaos.Scenarios;

/// <summary>N6: bits flipped inside TLS, by a proxy that has both nodes' keys.</summary>
internal static class WireFlips
{
    private const int FileBytes = 48 << 20;

    public static async Task RunAsync(ScenarioRun run)
    {
        FrameProxy? proxy = null;
        var settings = new GroundSettings
        {
            Supervised = false,

            // So that each is refused by name: a connection that is closed for its score takes damaged chunks with it that nobody has looked at.
            More = "transfers { bad-chunk-limit = 100 }",
            Advertise = (_, port, folder) =>
            {
                string sender = Path.Combine(Path.GetDirectoryName(folder)!, "alpha"); // a node's folder has one above it
                proxy = new FrameProxy(
                    (Path.Combine(folder, "beta1.crt"), Path.Combine(folder, "beta1.key")), (Path.Combine(sender, "alpha.crt"), Path.Combine(sender, "alpha.key")))
                {
                    Upstream = new IPEndPoint(IPAddress.Loopback, port),
                };
                return proxy.Address;
            },
        };
        try
        {
            await Ground.RunAsync(settings, async ground =>
            {
                SourceItem item = SourceItem.OfFile(ground.SourceFolder, "wire.bin", FileBytes, run.Seed);
                for (int round = 0; run.Coverage.Total < run.Count; round++)
                {
                    var flips = new Flipper(run, round);
                    proxy!.Script = flips.Handle; // made above
                    await Round.RunAsync(ground, ground.Destinations[0], item, new RoundSettings(), () => { });
                    flips.Judge();
                    run.Coverage.Count("rounds");
                }
            });
        }
        finally
        {
            if (proxy is not null)
            {
                await proxy.DisposeAsync();
            }
        }
    }

    // Of each chunk only the first copies are damaged, so that none is given up; who counts the refusals sits here too.
    private sealed class Flipper(ScenarioRun run, int round)
    {
        private const int CopiesDamaged = 4;
        private const int HeadersDamaged = 8;

        // A damaged header costs the connection and what else was on it, so it has rounds of its own.
        private readonly bool _inHeader = round % 4 == 3;
        private readonly Random _random = run.RandomOf(round);
        private readonly Lock _lock = new();
        private readonly Dictionary<uint, int> _copies = [];
        private readonly HashSet<ProxiedConnection> _damaged = [];
        private int _flips;
        private int _refused;

        public ValueTask<FrameFate> Handle(ProxiedFrame frame, CancellationToken cancellationToken)
        {
            lock (_lock)
            {
                if (frame.Direction == FrameDirection.FromAcceptor)
                {
                    _refused += frame.Header.Type == FrameType.Nack && frame.Header.Chunk != NackBody.NoChunk ? 1 : 0;
                }
                else if (frame.IsChunk && !_damaged.Contains(frame.Connection) && _random.Next(2) == 0)
                {
                    Damage(frame);
                }
            }

            return ValueTask.FromResult(FrameFate.Forward);
        }

        // Equality says that none got through; this, that each was seen: refused by name, or its connection ended.
        public void Judge()
        {
            lock (_lock)
            {
                run.Coverage.Count("chunks refused", _refused);
                if (_inHeader ? _refused > 0 : _refused != _flips)
                {
                    throw new ChaosException($"{_flips} chunks were damaged in their {(_inHeader ? "header" : "digest or payload")}, {_refused} were refused.");
                }
            }
        }

        private void Damage(ProxiedFrame frame)
        {
            int copies = _copies[frame.Header.Chunk.Value] = _copies.GetValueOrDefault(frame.Header.Chunk.Value) + 1;
            if (copies > CopiesDamaged || (_inHeader && _flips >= HeadersDamaged))
            {
                return;
            }

            int at = _inHeader ? _random.Next(FrameHeader.Size) : _random.Next(FrameHeader.Size, frame.Bytes.Length);
            frame.Bytes[at] ^= (byte)(1 << _random.Next(8));
            _flips++;
            run.Coverage.Fired(_inHeader ? "bit of a chunk's header" : "bit of a chunk's digest or payload");
            if (_inHeader)
            {
                _damaged.Add(frame.Connection);
            }
        }
    }
}
