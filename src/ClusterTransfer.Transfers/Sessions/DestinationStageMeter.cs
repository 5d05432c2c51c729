using ClusterTransfer.Model.Stages;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transport.Connections;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>What the chunks at a destination were at between two reports, and what kept its connections from receiving.</summary>
internal sealed class DestinationStageMeter(StageClock clock)
{
    // Less than this in an interval are heartbeats: a connection that rests must not make the others look idle.
    private const long Carries = 16 * 1024;

    private readonly StageMeter _meter = new(clock);
    private Dictionary<int, ConnectionStatistics> _before = [];

    /// <summary>Since it was asked last; null when no time has passed.</summary>
    public StageReport? Report(IEnumerable<ConnectionHandle> connections)
    {
        if (!_meter.Look())
        {
            return null;
        }

        Span<double> workers = [_meter[ChunkPhase.Write], _meter[ChunkPhase.Verify]];
        StageMeter.Deal(_meter[ChunkPhase.Turn], workers);
        (double opening, double blocked) = PartsOf(connections);
        return new StageReport { Write = workers[0], Verify = workers[1], Flush = _meter[ChunkPhase.Flush], Opening = opening, Blocked = blocked };
    }

    // Of all sessions over a connection: whatever holds it up, everybody on it waits.
    private (double Opening, double Blocked) PartsOf(IEnumerable<ConnectionHandle> connections)
    {
        var now = new Dictionary<int, ConnectionStatistics>();
        TimeSpan opening = TimeSpan.Zero;
        TimeSpan blocked = TimeSpan.Zero;
        int known = 0;
        foreach (ConnectionHandle connection in connections)
        {
            ConnectionStatistics statistics = now[connection.Number] = connection.Connection.Statistics;
            if (_before.TryGetValue(connection.Number, out ConnectionStatistics before)
                && (statistics.Blocked > before.Blocked || statistics.BytesReceived - before.BytesReceived >= Carries))
            {
                known++;
                opening += statistics.Opening - before.Opening;
                blocked += statistics.Blocked - before.Blocked;
            }
        }

        _before = now;
        return known == 0 ? (0, 0) : (Part(opening), Part(blocked));

        double Part(TimeSpan of) => Math.Clamp(of / (known * _meter.Interval), 0, 1);
    }
}
