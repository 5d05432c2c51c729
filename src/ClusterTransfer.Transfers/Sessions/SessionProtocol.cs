using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>Messages that the sessions of both ends understand.</summary>
internal static class SessionProtocol
{
    /// <summary>A frame without bulk data, for the session's actor.</summary>
    /// <param name="From">The connection it came over.</param>
    /// <param name="Header">Its header.</param>
    /// <param name="Body">A copy of its body.</param>
    /// <param name="Place">Its place among those that are not dealt with; the session leaves it.</param>
    public sealed record ControlFrame(ConnectionHandle From, FrameHeader Header, byte[] Body, ControlPlace? Place = null);

    /// <summary>A connection has taken a frame of notices to send, or is ending.</summary>
    public sealed record NoticeTaken(int Connection, bool Taken);

    /// <summary>The coordinator repeats its command: answer again.</summary>
    public sealed record AnswerAgain
    {
        public static readonly AnswerAgain Instance = new();
    }

    /// <summary>End now and stop, without a report: a newer session takes over, or the node stops.</summary>
    public sealed record Evict(Problem Problem);

    /// <summary>The coordinator asks for the end.</summary>
    public sealed record Stop(StopIntent Intent);

    /// <summary>The coordinator says how fast the source may send; null for no limit.</summary>
    public sealed record Limit(long? BytesPerSecond);

    /// <summary>The coordinator has recorded how this session ended.</summary>
    /// <param name="TransferEnded">Whether the transfer is over with it.</param>
    /// <param name="Keep">Whether what it left on this node stays, because it can be taken up again.</param>
    public sealed record Recorded(bool TransferEnded, bool Keep);

    /// <summary>The coordinator has confirmed the session after that gap in the life of this process.</summary>
    public sealed record Confirmed(int Gap);

    /// <summary>To the root of sessions: the hub is there; ask about transfers this node holds something of without a session.</summary>
    public sealed record AskAboutLeftovers
    {
        public static readonly AskAboutLeftovers Instance = new();
    }

    /// <summary>To the root of sessions: remove what is kept of a transfer in one place, unless a session has it open; answered with <see cref="ForgottenItem"/>.</summary>
    public sealed record Forget(TransferId Transfer, string Place);

    /// <summary>To the root of sessions: close them all; answered with <see cref="Closed"/>.</summary>
    public sealed record ShutDown
    {
        public static readonly ShutDown Instance = new();
    }

    /// <summary>A blocking step failed.</summary>
    public sealed record StepFailed(string Step, Exception Error);

    /// <summary>All steps have ended and the files are closed.</summary>
    public sealed record Closed
    {
        public static readonly Closed Instance = new();
    }

    /// <summary>What was on its way when the session was to hold has had its time.</summary>
    public sealed record DrainOver
    {
        public static readonly DrainOver Instance = new();
    }

    public sealed record ReportProgress
    {
        public static readonly ReportProgress Instance = new();
    }

    public sealed record RepeatEnd
    {
        public static readonly RepeatEnd Instance = new();
    }
}
