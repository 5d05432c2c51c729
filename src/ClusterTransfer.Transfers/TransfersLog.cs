using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Transfers;

/// <summary>Log lines of transfers; event ids 6000 to 6999.</summary>
internal static partial class TransfersLog
{
    [LoggerMessage(6001, LogLevel.Information, "Connection {Connection} to {Peer} at {Remote} is open over {TlsVersion}.")]
    public static partial void ConnectionOpened(this ILogger logger, int connection, string peer, string remote, string tlsVersion);

    [LoggerMessage(6002, LogLevel.Information, "Connection {Connection} to {Peer} ended: {End}; {Problem}; {BytesSent} bytes sent, {BytesReceived} received; {Good} good chunks, {Bad} bad, {Forgiven} forgiven, score {Score}, last: {LastReason}; {StrayFrames} stray frames dropped.")]
    public static partial void ConnectionEnded(
        this ILogger logger, int connection, string peer, string end, string problem, long bytesSent, long bytesReceived, long good, long bad, long forgiven, int score, string lastReason, long strayFrames);

    [LoggerMessage(6003, LogLevel.Warning, "Connection {Connection} to {Peer} offered a wrong proof for a session of transfer {TransferId}.")]
    public static partial void ProofRefused(this ILogger logger, int connection, string peer, string transferId);

    [LoggerMessage(6004, LogLevel.Warning, "{Peer} could not be dialled ({Code}): {Detail}")]
    public static partial void DialFailed(this ILogger logger, string peer, string code, string detail);

    [LoggerMessage(6005, LogLevel.Warning, "A connection from {Peer} is closed: {Limit} are open already.")]
    public static partial void ConnectionOverLimit(this ILogger logger, string peer, int limit);

    [LoggerMessage(6010, LogLevel.Information, "Transfer {TransferId}: the {Role} end of session {Epoch} ends as {End}: {Problem}")]
    public static partial void SessionEnds(this ILogger logger, string transferId, string role, string epoch, string end, string problem);

    [LoggerMessage(6011, LogLevel.Warning, "Transfer {TransferId}: {Step} failed.")]
    public static partial void StepFailed(this ILogger logger, string transferId, string step, Exception error);

    [LoggerMessage(6012, LogLevel.Warning, "Sessions did not close within {Seconds} s; the next start recovers them as after a crash.")]
    public static partial void SessionsNotClosed(this ILogger logger, double seconds);

    [LoggerMessage(6013, LogLevel.Critical, "Transfer {TransferId}: the node journal could not be flushed. The node stops: what it believes may not be on disk.")]
    public static partial void NodeJournalLost(this ILogger logger, string transferId, Exception error);

    [LoggerMessage(6014, LogLevel.Warning, "Node {Node}, which is not the hub, sent {Command}; it is refused.")]
    public static partial void CommandFromStranger(this ILogger logger, string node, string command);

    [LoggerMessage(6015, LogLevel.Warning, "What transfers of earlier runs left on this node could not be listed; it is tried again when the hub is reached the next time.")]
    public static partial void LeftoversNotListed(this ILogger logger, Exception error);

    [LoggerMessage(6016, LogLevel.Information, "What was left of transfer {TransferId} in {Place} was removed: nobody needs it any more.")]
    public static partial void LeftoverRemoved(this ILogger logger, string transferId, string place);

    [LoggerMessage(6017, LogLevel.Warning, "What an ended transfer left on this node could not be removed; it is tried again.")]
    public static partial void LeftoverNotRemoved(this ILogger logger, Exception error);

    [LoggerMessage(6018, LogLevel.Warning, "This process did not run for {Seconds} s. Another node may have been given its transfers: nothing more is published before the hub has confirmed each of them.")]
    public static partial void ProcessStoodStill(this ILogger logger, double seconds);

    [LoggerMessage(6020, LogLevel.Information, "Transfer {TransferId}: {Kind}: {Text}")]
    public static partial void TransferEvent(this ILogger logger, string transferId, string kind, string text);

    [LoggerMessage(6021, LogLevel.Warning, "Transfer {TransferId}: an event could not be written to the journal.")]
    public static partial void EventNotWritten(this ILogger logger, string transferId, Exception error);

    [LoggerMessage(6022, LogLevel.Warning, "Transfer {TransferId}: its row in the catalogue could not be written; it is tried again.")]
    public static partial void CatalogueNotWritten(this ILogger logger, string transferId, Exception error);

    [LoggerMessage(6023, LogLevel.Warning, "Transfer {TransferId}: its coordinator stopped; it starts anew from its journal in {Seconds} s.")]
    public static partial void CoordinatorStopped(this ILogger logger, string transferId, double seconds);

    [LoggerMessage(6026, LogLevel.Information, "{Count} transfers and keys that were over for more than {Days} days were removed from the journal.")]
    public static partial void EndedPruned(this ILogger logger, int count, double days);

    [LoggerMessage(6027, LogLevel.Warning, "Transfers that ended long ago could not be removed from the journal; it is tried again in an hour.")]
    public static partial void EndedNotPruned(this ILogger logger, Exception error);

    [LoggerMessage(6028, LogLevel.Error, "Transfer {TransferId} stands: its journal cannot be read. {Problem} The other transfers go on; restore the journal from a backup, or leave this one.")]
    public static partial void TransferUnreadable(this ILogger logger, string transferId, string problem);

    [LoggerMessage(6025, LogLevel.Warning, "Whether the queue is paused could not be read or written; it is tried again in {Seconds} s.")]
    public static partial void QueueStopped(this ILogger logger, double seconds);

    [LoggerMessage(6029, LogLevel.Warning, "{Count} transfers have not acted on the queue's wish after {Seconds} s; it is answered with what they show until then.")]
    public static partial void QueueNotSettled(this ILogger logger, int count, double seconds);

    [LoggerMessage(6032, LogLevel.Information, "{Text}")]
    public static partial void NodeLimitSet(this ILogger logger, string text);

    [LoggerMessage(6033, LogLevel.Warning, "The limits set for nodes could not be read or written; it is tried again in {Seconds} s.")]
    public static partial void NodeLimitsStopped(this ILogger logger, double seconds);

    [LoggerMessage(6034, LogLevel.Information, "This node sends {Limits}.")]
    public static partial void SendLimitsChanged(this ILogger logger, string limits);

    [LoggerMessage(6024, LogLevel.Warning, "The transfers in the journal could not be listed; it is tried again.")]
    public static partial void TransfersNotListed(this ILogger logger, Exception error);

    [LoggerMessage(6031, LogLevel.Information, "This system has no {Library}: chunks are neither sent nor taken with {Codec}.")]
    public static partial void CodecMissing(this ILogger logger, string library, string codec);

    [LoggerMessage(6030, LogLevel.Debug, "A {Message} for {Target} was dropped: {Problem}. Its sender repeats it.")]
    public static partial void ControlMessageDropped(this ILogger logger, string message, string target, string problem);
}
