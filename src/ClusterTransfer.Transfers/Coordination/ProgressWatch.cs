using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Transfers.Coordination;

/// <summary>Notices a session in which too little moves although both ends stand ready: one side lost the other's word, or a peer trickles.</summary>
/// <remarks>Time in which it is no wonder is not counted: an end works on its own disk or lets a pause pass, no connection stands, or nobody reports.</remarks>
internal sealed class ProgressWatch(TimeProvider time)
{
    // Reports come twice a second. A longer gap says more about the bus or about this process than about the session.
    private static readonly TimeSpan LongestGap = TimeSpan.FromSeconds(5);

    private ProgressPolicy _policy = new();
    private SessionProgressed? _source;
    private SessionProgressed? _destination;
    private (long Bytes, long Outcomes, long Scanned) _mark;
    private TimeSpan _idle;
    private long _heardAt;

    /// <summary>How long too little has moved, as far as it counts.</summary>
    public TimeSpan Idle => _idle;

    /// <summary>Whether that is too long.</summary>
    public bool IsStalled => _idle >= _policy.Within;

    /// <summary>A session begins.</summary>
    public void Begin(ProgressPolicy policy)
    {
        _policy = policy;
        (_source, _destination, _mark, _idle) = (null, null, default, TimeSpan.Zero);
        _heardAt = time.GetTimestamp();
    }

    /// <summary>Takes the report of one end.</summary>
    public void Note(SessionProgressed report)
    {
        bool counts = IsReady(_source) && IsReady(_destination);
        if (report.Role == SessionRole.Source)
        {
            _source = report;
        }
        else
        {
            _destination = report;
        }

        TimeSpan since = time.GetElapsedTime(_heardAt);
        _heardAt = time.GetTimestamp();
        (long bytes, long outcomes, long scanned) now = (
            _destination?.BytesArrived ?? 0,
            (_destination?.Progress.FilesPublished + _destination?.Progress.FilesSkipped + _destination?.Progress.FilesParked) ?? 0,
            (_source?.Progress.EntriesFound + (_source?.Progress.ScanComplete == true ? 1 : 0)) ?? 0);
        if (now.bytes - _mark.Bytes >= _policy.Bytes || now.outcomes != _mark.Outcomes || now.scanned != _mark.Scanned)
        {
            (_mark, _idle) = (now, TimeSpan.Zero);
        }
        else if (counts)
        {
            _idle += since < LongestGap ? since : LongestGap;
        }
    }

    private static bool IsReady(SessionProgressed? report) => report is { Busy: false, Progress.Connections: > 0 };
}
