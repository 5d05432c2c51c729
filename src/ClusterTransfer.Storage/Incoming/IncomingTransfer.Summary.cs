using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Incoming;

/// <content>The answer to "what became of it", for a node that has no session of the transfer.</content>
public sealed partial class IncomingTransfer
{
    /// <summary>Reads what the journal says, without changing or locking anything.</summary>
    /// <returns>Null when this location knows nothing of the transfer.</returns>
    /// <exception cref="ClusterTransferException">The disk refused.</exception>
    public static Summary? TryReadOutcome(Location location, TransferId id)
    {
        try
        {
            return StagingSession.TryRead(location, id) is { } state
                ? new Summary(state.IsFinished, state.IsCancelled, state.IsComplete, state.HighestEpoch, state.ToProgress(), state.Issues)
                {
                    Conflict = state.Conflict,
                    Durability = state.Durability,
                    Round = state.Round,
                    PagesAccepted = state.Pages.Count,
                }
                : null;
        }
        catch (NativeException error)
        {
            throw new ClusterTransferException(error.AtDestination(), error);
        }
    }

    /// <summary>The transfers this location holds something of: staged files, a journal, or the outcome that nobody has fetched yet.</summary>
    /// <exception cref="ClusterTransferException">The disk refused.</exception>
    public static IReadOnlyList<TransferId> KnownTo(Location location)
    {
        if (location.ReadOnly)
        {
            return [];
        }

        try
        {
            // A handle of its own: listing moves a handle's position.
            using FolderHandle staging = location.Root.OpenFolder(ReservedNames.Staging);
            var found = new List<TransferId>();
            staging.List(name =>
            {
                if (TransferId.TryParse(Encoding.UTF8.GetString(name), null, out TransferId id))
                {
                    found.Add(id);
                }
            });
            return found;
        }
        catch (NativeException error)
        {
            throw new ClusterTransferException(error.AtDestination(), error);
        }
    }

    /// <summary>A page of what is in this location's private folder: what it holds of transfers, and what somebody else put there. By name.</summary>
    /// <param name="location">The location.</param>
    /// <param name="after">The last name of the page before; empty for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <returns>The page, and the name it ended with when there are more.</returns>
    /// <exception cref="ClusterTransferException">The disk refused.</exception>
    public static (IReadOnlyList<KeptFolder> Kept, byte[]? Last) KeptIn(Location location, byte[] after, int limit) =>
        location.ReadOnly ? ([], null) : InStaging(location, staging => KeptFolder.In(staging, static name => StagingFolder.IsOwn(name), after, limit));

    /// <summary>What is there of a transfer; null when nothing is.</summary>
    /// <exception cref="ClusterTransferException">The disk refused.</exception>
    public static KeptFolder? KeptOf(Location location, TransferId id) =>
        location.ReadOnly ? null : InStaging(location, staging => KeptFolder.Find(staging, Encoding.ASCII.GetBytes(id.Value)));

    private static T InStaging<T>(Location location, Func<FolderHandle, T> look)
    {
        try
        {
            // A handle of its own: listing moves a handle's position.
            using FolderHandle staging = location.Root.OpenFolder(ReservedNames.Staging);
            return look(staging);
        }
        catch (NativeException error)
        {
            throw new ClusterTransferException(error.AtDestination(), error);
        }
    }

    /// <summary>What the journal says of a transfer.</summary>
    /// <param name="IsFinished">Everything is in place.</param>
    /// <param name="IsCancelled">Ended on request; the counters say how much was published.</param>
    /// <param name="IsComplete">Sealed, and every file has an outcome.</param>
    /// <param name="HighestEpoch">The newest session it knows.</param>
    /// <param name="Progress">The destination's counters.</param>
    /// <param name="Issues">Files that were not delivered; the first 200.</param>
    public sealed record Summary(
        bool IsFinished, bool IsCancelled, bool IsComplete, Epoch HighestEpoch, TransferProgress Progress, IReadOnlyList<FileIssue> Issues)
    {
        /// <summary>What it was begun with; <see cref="Open"/> wants the same again.</summary>
        public ConflictPolicy Conflict { get; init; }

        /// <summary>What it was begun with; <see cref="Open"/> wants the same again.</summary>
        public DurabilityLevel Durability { get; init; }

        /// <summary>How often the ended transfer was taken up again, as far as this node knows.</summary>
        public int Round { get; init; }

        /// <summary>Manifest pages that were accepted here.</summary>
        public int PagesAccepted { get; init; }
    }
}
