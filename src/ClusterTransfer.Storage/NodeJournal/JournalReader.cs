using System.Buffers.Binary;
using System.Text;
using ClusterTransfer.Model;

namespace ClusterTransfer.Storage.NodeJournal;

/// <summary>Reads payloads back. A whole record can still hold nonsense from a broken version, so every length is checked; what does not fit is left out.</summary>
internal static class JournalReader
{
    public delegate void ChunkDurableFound(uint chunk, Digest value);

    public static bool TryBegun(ReadOnlySpan<byte> payload, out SafeRelativePath? folder, out ConflictPolicy conflict, out DurabilityLevel durability)
    {
        folder = null;
        conflict = payload.Length > 1 ? (ConflictPolicy)payload[0] : default;
        durability = payload.Length > 1 ? (DurabilityLevel)payload[1] : default;
        return payload.Length >= 2 && Enum.IsDefined(conflict) && Enum.IsDefined(durability) && SafeRelativePath.TryCreate(payload[2..], out folder, out _);
    }

    public static Epoch Epoch(ReadOnlySpan<byte> payload) =>
        payload.Length < sizeof(ulong) ? Model.Epoch.None : Model.Epoch.FromUInt64(BinaryPrimitives.ReadUInt64LittleEndian(payload));

    public static int Round(ReadOnlySpan<byte> payload) => payload.Length < sizeof(int) ? 0 : BinaryPrimitives.ReadInt32LittleEndian(payload);

    public static void Entries(ReadOnlySpan<byte> payload, Action<uint> onEntry)
    {
        for (; payload.Length >= sizeof(uint); payload = payload[sizeof(uint)..])
        {
            onEntry(BinaryPrimitives.ReadUInt32LittleEndian(payload));
        }
    }

    /// <summary>Reads (index u32, value 32) items: durable chunks, or entries with their root.</summary>
    public static void Values(ReadOnlySpan<byte> payload, ChunkDurableFound onItem)
    {
        const int size = sizeof(uint) + Digest.Length;
        for (; payload.Length >= size; payload = payload[size..])
        {
            onItem(BinaryPrimitives.ReadUInt32LittleEndian(payload), new Digest(payload[sizeof(uint)..size]));
        }
    }

    public static void Ranges(ReadOnlySpan<byte> payload, Action<ChunkRange> onRange)
    {
        const int size = 2 * sizeof(uint);
        for (; payload.Length >= size; payload = payload[size..])
        {
            onRange(new ChunkRange(BinaryPrimitives.ReadUInt32LittleEndian(payload), BinaryPrimitives.ReadUInt32LittleEndian(payload[sizeof(uint)..])));
        }
    }

    public static void Verified(ReadOnlySpan<byte> payload, Action<VerifiedFile> onFile)
    {
        for (; payload.Length >= VerifiedFile.Size; payload = payload[VerifiedFile.Size..])
        {
            onFile(new VerifiedFile(
                BinaryPrimitives.ReadUInt32LittleEndian(payload),
                new StagedIdentity(
                    BinaryPrimitives.ReadUInt64LittleEndian(payload[4..]),
                    BinaryPrimitives.ReadUInt64LittleEndian(payload[12..]),
                    BinaryPrimitives.ReadInt64LittleEndian(payload[20..])),
                new Digest(payload[28..VerifiedFile.Size])));
        }
    }

    public static void Settled(ReadOnlySpan<byte> payload, Action<SettledEntry> onEntry)
    {
        const int fixedSize = 9;
        while (payload.Length >= fixedSize)
        {
            int codeLength = payload[6];
            int detailLength = BinaryPrimitives.ReadUInt16LittleEndian(payload[7..]);
            int size = fixedSize + codeLength + detailLength;
            if (payload.Length < size)
            {
                return;
            }

            var state = (FileState)payload[4];
            Reason reason = ReasonCatalogue.FromCode(Encoding.UTF8.GetString(payload.Slice(fixedSize, codeLength)));
            string detail = Encoding.UTF8.GetString(payload.Slice(fixedSize + codeLength, detailLength));
            onEntry(new SettledEntry(
                BinaryPrimitives.ReadUInt32LittleEndian(payload),
                state == FileState.Skipped ? FileState.Skipped : FileState.Parked,
                new Problem(reason, detail),
                payload[5] == 1));
            payload = payload[size..];
        }
    }
}
