using System.Buffers.Binary;
using ClusterTransfer.Fuzz.Bytes;
using ClusterTransfer.Fuzz.Frames;
using ClusterTransfer.Fuzz.Manifests;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Wire.Manifests;
using TransferState = ClusterTransfer.Storage.Incoming.TransferState;

namespace ClusterTransfer.Fuzz.NodeJournal;

/// <summary>What a destination writes down of a transfer, in an order that can happen; now and then a number is wrong.</summary>
internal static class RecordMaker
{
    /// <summary>Many lives, made once: making one takes longer than reading ten.</summary>
    public static byte[][] Lives(int wrongOneIn, Func<JournalBatch, byte[]> toBytes)
    {
        var random = new FuzzRandom();
        var lives = new byte[1024][];
        for (int i = 0; i < lives.Length; i++)
        {
            random.Start(wrongOneIn, i);
            lives[i] = toBytes(Life(random, wrongOneIn));
        }

        return lives;
    }

    /// <summary>A whole life: begun, pages, chunks, files, the end.</summary>
    public static JournalBatch Life(Random random, int wrongOneIn)
    {
        var batch = new JournalBatch();
        batch.Begun(ManifestSeeds.PathOf("to/here"), (ConflictPolicy)random.Next(3), (DurabilityLevel)random.Next(3));
        batch.EpochRaised(new Epoch(1, (uint)random.Next(1, 5)));
        uint entries = 0;
        uint chunks = 0;
        Digest before = default;
        List<ManifestEntry> all = ManifestMaker.Tree(random, random.Next(1, 14));
        int pages = 0;
        long bytes = 0;
        for (int at = 0; at < all.Count; pages++)
        {
            int count = Math.Min(random.Next(1, 8), all.Count - at);
            ManifestPage page = ManifestSeeds.Page(pages, entries, chunks, all.GetRange(at, count)) with { PreviousHash = before };
            byte[] encoded = ManifestCodec.EncodeUnchecked(page);
            batch.Add(JournalRecordType.PageAccepted, encoded);
            before = ManifestCodec.HashOf(encoded);
            at += count;
            entries += (uint)count;
            chunks += (uint)ChunksOf(page);
            bytes = page.Entries.Where(IsCounted).Aggregate(bytes, (sum, entry) => unchecked(sum + page.BytesOf(entry)));
            Outcomes(batch, random, entries, chunks, wrongOneIn);
        }

        if (random.Next(2) == 0)
        {
            batch.Add(JournalRecordType.Sealed, TransferState.SealToBytes(
                new ManifestSeal(pages, all.Count, all.Count(entry => entry.Kind == EntryKind.File), chunks, bytes, before)));
        }

        Outcomes(batch, random, entries, chunks, wrongOneIn);
        foreach (JournalRecordType last in (JournalRecordType[])[JournalRecordType.Finished, JournalRecordType.Cancelled, JournalRecordType.Clean])
        {
            _ = random.Next(3) > 0 ? batch : batch.Add(last);
        }

        return batch;
    }

    private static void Outcomes(JournalBatch batch, Random random, uint entries, uint chunks, int wrongOneIn)
    {
        uint Entry() => random.Next(wrongOneIn) == 0 ? (uint)Damage.Number(random) : (uint)random.Next((int)entries);
        uint Chunk() => random.Next(wrongOneIn) == 0 ? (uint)Damage.Number(random) : (uint)random.Next((int)Math.Min(chunks, int.MaxValue) + 1);
        for (int i = random.Next(12); i > 0; i--)
        {
            _ = random.Next(15) switch
            {
                0 => batch.FolderMerged(Entry()),
                1 or 2 => batch.ChunkDurable(Chunk(), FrameSeeds.SomeDigest),
                3 => batch.ChunksLost(new ChunkRange(Chunk(), random.Next(4) == 0 ? (uint)Damage.Number(random) : (uint)random.Next(4))),
                4 => batch.SourceDone(Entry(), FrameSeeds.SomeDigest),
                5 or 6 => batch.FileVerified(new VerifiedFile(Entry(), new StagedIdentity(1, 2, 3), FrameSeeds.SomeDigest)),
                7 or 8 => batch.FileCompleted(Entry()),
                9 => batch.FileUnverified(Entry()),
                10 => batch.FileUndone(Entry()),
                11 => batch.EntrySettled(new SettledEntry(Entry(), (FileState)random.Next(8), new Problem((Reason)random.Next(32), "because"), random.Next(2) == 0)),
                12 => batch.RoundBegan(random.Next(4)),
                13 => batch.RoundBegan(random.Next(4), [Entry(), Entry()]),
                _ => batch.Add(JournalRecordType.PlacedBefore, ManifestMaker.Make(random)),
            };
        }
    }

    /// <summary>Bytes of a log with these records.</summary>
    public static byte[] Log(JournalBatch batch, TransferId id, ReadOnlySpan<byte> salt)
    {
        byte[] bytes = new byte[JournalHeader.Size + batch.Size];
        JournalHeader.ToBytes(id, salt).CopyTo(bytes, 0);
        int at = JournalHeader.Size;
        for (int i = 0; i < batch.Count; i++)
        {
            (JournalRecordType type, ReadOnlyMemory<byte> payload) = batch[i];
            JournalFrame.Write(bytes.AsSpan(at), salt, at, type, payload.Span);
            at += JournalFrame.SizeOf(payload.Length);
        }

        return bytes;
    }

    /// <summary>The same records without header and checksums: length u16 | type u8 | payload.</summary>
    public static byte[] Plain(JournalBatch batch)
    {
        var bytes = new List<byte>();
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        for (int i = 0; i < batch.Count; i++)
        {
            (JournalRecordType type, ReadOnlyMemory<byte> payload) = batch[i];
            BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)payload.Length);
            bytes.AddRange(length);
            bytes.Add((byte)type);
            bytes.AddRange(payload.Span);
        }

        return [.. bytes];
    }

    // What breaks a rule has no bytes that could be told.
    private static bool IsCounted(ManifestEntry entry) => entry.Size >= 0 && entry.Holes.All(hole => hole.Count is >= 0 and < 1 << 20);

    private static long ChunksOf(ManifestPage page)
    {
        var cursor = new PlanCursor(page.BaseChunkSize);
        foreach (ManifestEntry entry in page.Entries)
        {
            cursor.Next(entry);
        }

        return cursor.Chunks;
    }
}
