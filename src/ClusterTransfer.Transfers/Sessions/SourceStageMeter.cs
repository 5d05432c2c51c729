using ClusterTransfer.Model.Stages;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>What the chunks of a source were at between two reports. Whoever waits for a worker waits for what the workers do; for a connection, for what that does; for a buffer,
/// for whatever holds buffers.</summary>
internal sealed class SourceStageMeter(StageClock clock)
{
    private readonly StageMeter _meter = new(clock);

    /// <summary>Since it was asked last; null when no time has passed.</summary>
    public StageReport? Report()
    {
        if (!_meter.Look())
        {
            return null;
        }

        double sealing = Math.Min(_meter[ChunkPhase.Seal], _meter[ChunkPhase.Send]);
        Span<double> all = [_meter[ChunkPhase.Send] - sealing, sealing, _meter[ChunkPhase.Pace], _meter[ChunkPhase.Read], _meter[ChunkPhase.Hash], _meter[ChunkPhase.Compress]];
        StageMeter.Deal(_meter[ChunkPhase.Line], all[..3]);
        StageMeter.Deal(_meter[ChunkPhase.Worker], all[3..]);
        StageMeter.Deal(_meter[ChunkPhase.Buffer], all);

        double throttled = _meter[ChunkPhase.Throttle] + all[2];
        double here = all[0] + all[1] + throttled + all[3] + all[4] + all[5];
        return new StageReport
        {
            List = _meter[ChunkPhase.List],
            Throttle = throttled,
            Read = all[3],
            Hash = all[4],
            Compress = all[5],
            Network = all[0],
            Seal = all[1],
            Window = _meter[ChunkPhase.Window],
            Away = Math.Max(0, _meter[ChunkPhase.Flight] - here),
        };
    }
}
