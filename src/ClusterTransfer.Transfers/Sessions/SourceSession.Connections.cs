using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transport.Connections;

namespace ClusterTransfer.Transfers.Sessions;

// What goes over each connection, and how many it takes: flexible moves chunks over those there are, strict only while all stand that are wanted.
internal sealed partial class SourceSession
{
    // Dialling a peer with the wrong identity or version does not get better by itself; three in a row are no accident.
    private const int MaxRefusedDials = 3;

    // How many chunks an event names.
    private const int MaxNamedChunks = 16;

    private readonly Dictionary<int, ConnectionTally> _tallies = [];
    private int _refusedDials;

    // The last since a connection joined.
    private Problem? _lastDialProblem;

    // Null before the first judgement, and always when flexible.
    private bool? _allStand;

    private bool IsStrict => Command.Request.ConnectionPolicy == ConnectionPolicy.Strict;

    private bool MaySendChunks => Connections.Count > 0 && (!IsStrict || _allStand == true);

    protected override IReadOnlyList<ConnectionReport> ConnectionReports()
    {
        Dictionary<int, int> unanswered = _ledger.InFlight.Values.Where(chunk => chunk.IsSent).CountBy(chunk => chunk.Connection).ToDictionary();
        return
        [
            .. Connections.Values.Take(SessionProgressed.MaxConnections).Select(connection => WithQuality(new ConnectionReport(
                connection.Number,
                Command.Peer,
                connection.Connection.Remote,
                connection.Connection.OpenedAt,
                _tallies[connection.Number].BytesSent,
                unanswered.GetValueOrDefault(connection.Number),
                _tallies[connection.Number].ChunksRefused,
                connection.Health.Score,
                connection.Health.Bad,
                connection.Health.Good,
                connection.Health.Forgiven), connection)),
        ];
    }

    private IReadOnlyDictionary<string, JsonElement> SummaryOf(ConnectionHandle connection, ConnectionTally tally, PumpEnd end, int requeued) => EventData.Of(
        ("connection", connection.Number),
        ("peer", Command.Peer),
        ("end", end.Reason),
        ("reason", end.Problem?.Reason.Info().Code),
        ("bytesSent", tally.BytesSent),
        ("chunksSent", tally.ChunksSent),
        ("chunksAcknowledged", tally.ChunksAcknowledged),
        ("chunksRefused", tally.ChunksRefused),
        ("chunksRequeued", requeued),
        ("score", connection.Health.Score),
        ("bad", connection.Health.Bad),
        ("good", connection.Health.Good),
        ("forgiven", connection.Health.Forgiven),
        ("lastReason", connection.Health.LastReason));

    // Chunks that are on their way when one is lost arrive, or come back and wait with the others.
    private void JudgeConnections()
    {
        bool allStand = Connections.Count >= WantedConnections;
        if (!IsStrict || allStand == _allStand)
        {
            return;
        }

        _allStand = allStand;
        if (allStand)
        {
            Timers.Cancel(SourceProtocol.ConnectionsOverdue.Instance);
            Note("connections-complete", $"All {WantedConnections} connections to {Command.Peer} stand; chunks are sent.");
        }
        else
        {
            TimeSpan limit = Services.Options.StrictConnectTimeout;
            Timers.StartSingleTimer(SourceProtocol.ConnectionsOverdue.Instance, SourceProtocol.ConnectionsOverdue.Instance, limit);
            Note(
                "connections-wait",
                $"{Standing()}; no chunk is sent before all do. The transfer fails when that takes longer than {limit.TotalSeconds:0.#} s.");
        }
    }

    private void OnConnectionsOverdue()
    {
        if (IsDraining)
        {
            return;   // It sends nothing more, so it needs none.
        }

        string dial = _lastDialProblem is { } problem
            ? $"the last dial failed: {problem.Detail}"
            : "no dial failed; data-plane.max-connections-per-peer of this node may allow no more.";
        EndFor(new Problem(
            Reason.ConnectionsMissing, $"{Standing()} after {Services.Options.StrictConnectTimeout.TotalSeconds:0.#} s; {dial}"));
    }

    private string Standing() => $"{Connections.Count} of {WantedConnections} connections to {Command.Peer} stand";

    private void OnDialFailed(ConnectionFacts.DialFailed failed)
    {
        if (failed.Problem.Detail != _lastDialProblem?.Detail)
        {
            // Four connections fail alike and are dialled again and again: one line until it is another problem or works again.
            _lastDialProblem = failed.Problem;
            Note(SessionNotes.DialFailed, $"{Command.Peer}: {failed.Problem.Detail}");
        }

        bool final = failed.Problem.Reason is Reason.IdentityRefused or Reason.VersionMismatch;
        _refusedDials = final ? _refusedDials + 1 : 0;
        if (_refusedDials >= MaxRefusedDials && Connections.Count == 0)
        {
            EndFor(failed.Problem);
        }
    }

    /// <summary>What went over one connection in this session.</summary>
    private sealed class ConnectionTally
    {
        public long BytesSent { get; set; }

        public long ChunksSent { get; set; }

        public long ChunksAcknowledged { get; set; }

        public long ChunksRefused { get; set; }

        /// <summary>Whether it is known to end: it gets no more chunks, and the word that it has left is on its way.</summary>
        public bool IsEnding { get; set; }
    }
}
