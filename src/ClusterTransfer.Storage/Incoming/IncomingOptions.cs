using ClusterTransfer.Model;
using ClusterTransfer.Model.Stages;

namespace ClusterTransfer.Storage.Incoming;

/// <summary>What the request asks of the destination, and this node's limits for it.</summary>
public sealed record IncomingOptions
{
    /// <summary>What happens when a name is taken.</summary>
    public ConflictPolicy Conflict { get; init; } = ConflictPolicy.Fail;

    /// <summary>When a file counts as delivered. Its bytes are flushed under the staging name before the rename at every level; <c>Received</c> does not wait for
    /// the folder afterwards, <c>Verified</c> reads and hashes the flushed bytes again before the rename.</summary>
    public DurabilityLevel Durability { get; init; } = DurabilityLevel.Flushed;

    /// <summary>How often the ended transfer was taken up again. Where it is higher than the journal's, what was skipped or parked is tried once more.</summary>
    public int Round { get; init; }

    /// <summary>Whether that round brings a new manifest; what earlier ones put in place counts where it is still asked for. Without a higher round it says nothing.</summary>
    public bool Rescan { get; init; }

    /// <summary>The files that round is for, with all beneath them, as issues name them; others keep their outcome. Null for all.</summary>
    public IReadOnlyList<string>? Only { get; init; }

    /// <summary>Bytes of the file system that stay free. Default 64 MiB: room for the journals of all transfers.</summary>
    public long FreeSpaceMarginBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Staged files held open at once, at least 1. Default 64.</summary>
    public int MaxOpenFiles { get; init; } = 64;

    /// <summary>Whether the set-user-id, set-group-id and sticky bits of the source are taken over. Default no: a peer must not make programs privileged.</summary>
    public bool KeepSpecialModeBits { get; init; }

    /// <summary>Asked immediately before anything is done under a final name: the rename of a file or link, a folder made, its mode and time set. While it says no, nothing is;
    /// what is verified waits for the next <see cref="IncomingTransfer.PublishReady"/>, also of a later opening. Called by any thread, must not block. Default always yes.</summary>
    public Func<bool> MayPublish { get; init; } = static () => true;

    /// <summary>Counts how long chunks are hashed and written; null when nobody asks.</summary>
    public StageClock? Stages { get; init; }

    /// <summary>Called at the named points of a transfer's life with ".before" or ".after"; tests throw there to play a crash.</summary>
    internal Action<string>? FaultPoint { get; init; }

    /// <summary>Replaces the file system's free bytes in tests.</summary>
    internal Func<long>? FreeBytes { get; init; }

    /// <summary>Wraps the log of a new or opened transfer in tests.</summary>
    internal Func<NodeJournal.IJournalMedium, NodeJournal.IJournalMedium>? WrapJournal { get; init; }

    /// <summary>Called before a staged file is flushed, with its entry; what it returns is the flush's error unless it is none.</summary>
    internal Func<uint, Native.Errno>? FlushFault { get; init; }
}
