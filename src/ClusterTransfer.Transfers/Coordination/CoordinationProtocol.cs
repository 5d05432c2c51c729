using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Transfers.Coordination;

/// <summary>Messages of <see cref="CoordinatorsActor"/> and <see cref="TransferCoordinator"/>.</summary>
internal static class CoordinationProtocol
{
    /// <summary>The transfer is journaled.</summary>
    public sealed record Accepted(TransferResource Transfer);

    /// <summary>What a user wants of a transfer; answered with <see cref="Accepted"/> or <see cref="Refused"/>.</summary>
    public abstract record Wish(TransferId Id);

    /// <summary>Journal a new one; answered when it is durable. The same again is answered with the transfer as it is.</summary>
    public sealed record Submit(TransferId Id, TransferRequest Request, string ResultName) : Wish(Id);

    /// <summary>Request the end.</summary>
    public sealed record Cancel(TransferId Id) : Wish(Id);

    /// <summary>Request that it holds.</summary>
    public sealed record Pause(TransferId Id) : Wish(Id);

    /// <summary>Request that it goes on.</summary>
    public sealed record Resume(TransferId Id) : Wish(Id);

    /// <summary>Request that it sends that fast at most; null for no limit.</summary>
    public sealed record Limit(TransferId Id, long? BytesPerSecond) : Wish(Id);

    /// <summary>Take it up again after it failed or was partly delivered: all that was not delivered, or only what is named.</summary>
    public sealed record Retry(TransferId Id, RetryTransfer? What = null) : Wish(Id);

    /// <summary>Request that all transfers hold, those of later as well; answered with <see cref="QueueAnswered"/> or <see cref="Refused"/>.</summary>
    public sealed record PauseQueue : QueueWish
    {
        public static readonly PauseQueue Instance = new();
    }

    /// <summary>Request that each goes back to what is wanted of it alone; answered likewise.</summary>
    public sealed record ResumeQueue : QueueWish
    {
        public static readonly ResumeQueue Instance = new();
    }

    /// <summary>What a user wants of all transfers.</summary>
    public abstract record QueueWish;

    /// <summary>The wish is journaled; whoever waits for its answer is the sender.</summary>
    public sealed record QueueWished
    {
        public static readonly QueueWished Instance = new();
    }

    /// <summary>A coordinator answers with the same once it has acted on all that was said of the queue before.</summary>
    public sealed record QueueSeen(long Wish);

    /// <summary>The wish is journaled, and each transfer shows what it made of it.</summary>
    public sealed record QueueAnswered
    {
        public static readonly QueueAnswered Instance = new();
    }

    /// <summary>The queue is paused, goes on, or is known after a start; <see cref="QueueGate"/> says which.</summary>
    public sealed record QueueChanged
    {
        public static readonly QueueChanged Instance = new();
    }

    /// <summary>Request that a node sends that fast at most, in all or to <paramref name="Peer"/>; null for no limit; answered with <see cref="NodeLimited"/> or <see cref="Refused"/>.</summary>
    public sealed record LimitNode(NodeId Node, NodeId? Peer, long? BytesPerSecond, bool Configured);

    /// <summary>The wish is journaled.</summary>
    public sealed record NodeLimited
    {
        public static readonly NodeLimited Instance = new();
    }

    /// <summary>The limit of a node is another one now; the texts say what was set, for people and programs.</summary>
    public sealed record NodeLimitChanged(NodeId Node, NodeId? Peer, string Text, IReadOnlyDictionary<string, JsonElement> Data);

    /// <summary>The command does not fit.</summary>
    public sealed record Refused(Problem Problem);

    /// <summary>Membership changed.</summary>
    public sealed record MembersChanged(IReadOnlyList<Member> Members);

    /// <summary>Something a node says about one of its sessions.</summary>
    public sealed record FromNode(NodeId Node, SessionMessage Message);

    /// <summary>Transfers to take up at start, from the journal.</summary>
    public sealed record TakeUp(IReadOnlyList<TransferId> Ids);

    /// <summary>A coordinator has recovered its state; the next may begin.</summary>
    public sealed record Recovered(TransferId Id);

    /// <summary>What is journaled of a transfer cannot be read; <paramref name="Problem"/> names the row. Its coordinator stops.</summary>
    public sealed record Unreadable(TransferId Id, Problem Problem);

    /// <summary>The last known row of such a transfer; null when there is none.</summary>
    public sealed record UnreadableLooked(TransferId Id, TransferResource? Row);

    /// <summary>A coordinator has nothing left to do.</summary>
    public sealed record Retired(TransferId Id);

    /// <summary>Whether what nodes keep of these transfers may go; answered with <see cref="MayForgetAnswered"/>.</summary>
    public sealed record MayForget(IReadOnlyList<TransferId> Transfers);

    /// <param name="Transfers">Those that nobody runs, as far as the hub knows.</param>
    /// <param name="IsListed">Whether the hub knows its open transfers; before that nothing may go.</param>
    public sealed record MayForgetAnswered(IReadOnlySet<TransferId> Transfers, bool IsListed);

    /// <summary>The catalogue was asked about a transfer without a running coordinator.</summary>
    /// <param name="About">What a node said about it.</param>
    /// <param name="Transfer">Its row; null when there is none.</param>
    /// <param name="Failed">Whether the catalogue could not answer, so that nothing is known.</param>
    public sealed record Looked(FromNode About, TransferResource? Transfer, bool Failed = false);

    public sealed record Repeat
    {
        public static readonly Repeat Instance = new();
    }

    public sealed record NextSession
    {
        public static readonly NextSession Instance = new();
    }

    public sealed record Catalogued(Exception? Error = null);

    /// <summary>The row of an ended transfer says that it runs, so that a restart finds it; or could not be made to.</summary>
    public sealed record RowReopened(Exception? Error = null);
}
