using ClusterTransfer.Model;

namespace ClusterTransfer.Transfers.Coordination;

/// <summary>The state of a transfer that its events add up to. Changed only by <see cref="Apply"/>, which recovery uses as well.</summary>
internal sealed class TransferRecord
{
    public TransferEvents.Submitted? Submitted { get; private set; }

    /// <summary>The session in force; null before the first and after one broke.</summary>
    public TransferEvents.SessionGiven? Session { get; private set; }

    /// <summary>The session given last, in force or not: its nodes hold something of the transfer.</summary>
    public TransferEvents.SessionGiven? LastSession { get; private set; }

    /// <summary>The highest epoch ever given.</summary>
    public Epoch Epoch { get; private set; }

    public int Sessions { get; private set; }

    public DateTimeOffset? StartedAt { get; private set; }

    public bool CancelRequested { get; private set; }

    public TransferEvents.DestinationDone? DestinationDone { get; private set; }

    public TransferEvents.Ended? Ended { get; private set; }

    /// <summary>Why the last session broke, until another opens.</summary>
    public Problem? LastProblem { get; private set; }

    /// <summary>Payload bytes sent by sessions that are over.</summary>
    public long EarlierBytesSent { get; private set; }

    /// <summary>Chunks sent again by sessions that are over.</summary>
    public long EarlierChunksRetried { get; private set; }

    public void Apply(object happened)
    {
        switch (happened)
        {
            case TransferEvents.Submitted submitted:
                Submitted = submitted;
                break;
            case TransferEvents.SessionGiven given:
                Session = LastSession = given;
                Epoch = given.Epoch;
                Sessions++;
                break;
            case TransferEvents.Started started:
                StartedAt ??= started.At;
                break;
            case TransferEvents.SessionBroken broken:
                Session = null;
                LastProblem = broken.Problem;
                EarlierBytesSent += broken.BytesSent;
                EarlierChunksRetried += broken.ChunksRetried;
                break;
            case TransferEvents.CancelRequested:
                CancelRequested = true;
                break;
            case TransferEvents.DestinationDone done:
                DestinationDone = done;
                break;
            case TransferEvents.Ended ended:
                Ended = ended;
                break;
            default:
                throw new InvalidOperationException($"A transfer has no event of type {happened.GetType().Name}.");
        }
    }
}
