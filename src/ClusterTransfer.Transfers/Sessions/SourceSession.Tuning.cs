using System.Globalization;
using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Links;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Quality;

namespace ClusterTransfer.Transfers.Sessions;

// How many connections carry chunks: as many as pay. Those beyond rest: they stand, say what there is to say, and are at once there when one in use ends.
internal sealed partial class SourceSession
{
    private readonly HashSet<int> _resting = [];

    // Null for a transfer that asked for a number, and a strict one, which has all it wants or fails.
    private readonly ConnectionTuner? _tuner;

    protected override int WantedConnections => _tuner?.Target ?? base.WantedConnections;

    private static string Rate(double bytesPerSecond) => string.Create(CultureInfo.InvariantCulture, $"{bytesPerSecond / 1e6:0.0} MB/s");

    // Buffers for chunks bound it too: a connection without a chunk carries nothing.
    private ConnectionTuner? NewTuner()
    {
        int start = base.WantedConnections;
        int max = Math.Min(Services.Options.MaxConnections, (int)Math.Min(int.MaxValue, Services.SendBuffers.CapacityBytes / Services.Options.ChunkSize));
        return Command.Request.Connections is null && !IsStrict && max > start ? new ConnectionTuner(Services.Time, start, max) : null;
    }

    private void OnConnectionsChanged(ConnectionHandle? joined)
    {
        if (joined is not null && _tuner is not null)
        {
            // What the peer takes beyond is closed again.
            _tuner.Max = Math.Min(_tuner.Max, joined.Connection.PeerHello.MaxConnections);
        }

        _tuner?.Disturb(isLost: joined is null);
        ChooseResting();
    }

    // The oldest are in use. One that is ending carries nothing, so another takes its place before it is gone.
    private void ChooseResting()
    {
        _resting.Clear();
        _resting.UnionWith(Usable().Order().Skip(WantedConnections));
    }

    private IEnumerable<int> Usable() => Connections.Keys.Where(number => !_tallies[number].IsEnding);

    private void Tune(bool isHeldBack)
    {
        double waiting = _link?.TakeWaiting() ?? 0;
        if (_tuner?.Look(SampleLinks(waiting, isHeldBack)) is { } change)
        {
            if (change.Reason != ConnectionChangeReason.Paid)
            {
                Services.Peers.Tell(new PeerProtocol.Want(Command.Peer, Command.SessionId, Command.Role, change.After));
                ChooseResting();
                Dispatch();
            }

            NoteConnectionChange(change);
        }
    }

    private LinkSample SampleLinks(double waiting, bool isHeldBack)
    {
        int inUse = 0;
        long delivered = 0;
        long onWire = 0;
        long again = 0;
        TimeSpan? roundTrip = null;
        foreach (int number in Usable().Where(number => !_resting.Contains(number)))
        {
            IDataConnection connection = Connections[number].Connection;
            LinkQuality? quality = connection.Quality;
            inUse++;
            delivered += quality?.BytesAcknowledged ?? connection.Statistics.BytesSent;
            onWire += quality?.BytesPutOnWire ?? 0;
            again += quality?.BytesSentAgain ?? 0;
            if (quality is { } known && !(known.RoundTrip <= roundTrip))
            {
                roundTrip = known.RoundTrip;
            }
        }

        return new LinkSample(
            delivered,
            inUse,
            LinkSample.AreFull(waiting, inUse, isHeldBack),
            roundTrip,
            onWire > 0 ? Math.Min(1, (double)again / onWire) : null,
            _outgoing?.Seal is null ? null : Math.Max(0, _scanProgress.BytesFound - _bytesSent));
    }

    private void NoteConnectionChange(ConnectionChange change)
    {
        double? gain = change.RateAfter is { } after ? (after / change.RateBefore) - 1 : null;
        string rates = gain is { } share ? $"{Rate(change.RateAfter!.Value)} instead of {Rate(change.RateBefore)}, {100 * share:+0;-0;0} %" : Rate(change.RateBefore);
        string path = PathSeen(change.Sample);
        string text = change.Reason switch
        {
            ConnectionChangeReason.Tried => $"Tries {change.After} connections to {Command.Peer} instead of {change.Before}: those were full all the time ({rates}{path}).",
            ConnectionChangeReason.Paid => $"Keeps {change.After} connections to {Command.Peer}: they carry more than {change.Before} did ({rates}{path}).",
            ConnectionChangeReason.DidNotPay => string.Create(
                CultureInfo.InvariantCulture,
                $"Goes back to {change.After} connections to {Command.Peer} from {change.Before}: more must carry {100 * ConnectionTuner.LeastGain:0} % more ({rates}{path})."),
            _ => $"Goes back to {change.After} connections to {Command.Peer} from {change.Before}: no more could be had.",
        };
        Note(
            "connections-changed",
            text,
            EventData.Of(
                ("before", change.Before),
                ("after", change.After),
                ("reason", change.Reason),
                ("bytesPerSecondBefore", (long)change.RateBefore),
                ("bytesPerSecondAfter", (long?)change.RateAfter),
                ("roundTripMs", change.Sample.RoundTrip is { } roundTrip ? Math.Round(roundTrip.TotalMilliseconds, 3) : null),
                ("sentAgain", change.Sample.SentAgain is { } again ? Math.Round(again, 5) : null)));
    }

    private static string PathSeen(in LinkSample sample) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(sample.RoundTrip is { } roundTrip ? $", round trip {roundTrip.TotalMilliseconds:0.#} ms" : string.Empty)}{(sample.SentAgain is { } again ? $", {100 * again:0.##} % sent again" : string.Empty)}");

    private ConnectionReport WithQuality(ConnectionReport report, ConnectionHandle connection)
    {
        LinkQuality? quality = connection.Connection.Quality;
        return report with
        {
            Rests = _resting.Contains(connection.Number),
            RoundTripMs = quality is { } known ? Math.Round(known.RoundTrip.TotalMilliseconds, 3) : null,
            DeliveryRate = quality is { DeliveryRate: > 0 } measured ? measured.DeliveryRate : null,
            SentAgain = quality is { BytesPutOnWire: > 0 } counted ? Math.Round(Math.Min(1, (double)counted.BytesSentAgain / counted.BytesPutOnWire), 5) : null,
        };
    }
}
