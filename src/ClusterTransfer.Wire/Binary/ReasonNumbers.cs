using System.Collections.Frozen;
using ClusterTransfer.Model;

namespace ClusterTransfer.Wire.Binary;

/// <summary>The number of each <see cref="Reason"/> on the wire.</summary>
/// <remarks>Kept apart from the enum so that reordering it cannot change what a peer of another version understands.
/// Numbers are never reused. A number that this version does not know reads as <see cref="Reason.Unclassified"/>.</remarks>
internal static class ReasonNumbers
{
    private static readonly FrozenDictionary<Reason, ushort> Numbers = new Dictionary<Reason, ushort>
    {
        [Reason.None] = 0,
        [Reason.Unclassified] = 1,
        [Reason.InvalidRequest] = 2,
        [Reason.LocationUnknown] = 3,
        [Reason.TransferUnknown] = 4,
        [Reason.PathNotFound] = 5,
        [Reason.NotCopyable] = 6,
        [Reason.NodeUnreachable] = 7,
        [Reason.HubUnreachable] = 8,
        [Reason.SessionLost] = 9,
        [Reason.ChunkCorrupt] = 10,
        [Reason.IntegrityFailure] = 11,
        [Reason.NotAuthenticated] = 12,
        [Reason.NotPermitted] = 13,
        [Reason.LimitReached] = 14,
        [Reason.NoSpace] = 15,
        [Reason.DestinationExists] = 16,
        [Reason.NameRefused] = 17,
        [Reason.DestinationNotWritable] = 18,
        [Reason.SourceChanged] = 19,
        [Reason.SourceUnreadable] = 20,
        [Reason.DiskError] = 21,
        [Reason.IdentityRefused] = 22,
        [Reason.VersionMismatch] = 23,
        [Reason.ProtocolViolation] = 24,
        [Reason.Superseded] = 25,
        [Reason.Cancelled] = 26,
        [Reason.WrongState] = 27,
        [Reason.TimedOut] = 28,
        [Reason.PartlyDelivered] = 29,
        [Reason.KeyReused] = 30,
        [Reason.ConnectionsMissing] = 31,
        [Reason.QuotaExceeded] = 32,
        [Reason.FileTooBig] = 33,
        [Reason.NoProgress] = 34,
        [Reason.QueuePaused] = 35,
        [Reason.ChunkUnanswered] = 36,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<ushort, Reason> Reasons =
        Numbers.ToFrozenDictionary(pair => pair.Value, pair => pair.Key);

    // A reason of a later version that nobody numbered yet is still a failure the peer must hear of.
    public static ushort ToWire(Reason reason) => Numbers.GetValueOrDefault(reason, Numbers[Reason.Unclassified]);

    public static Reason FromWire(ushort number) => Reasons.GetValueOrDefault(number, Reason.Unclassified);
}
