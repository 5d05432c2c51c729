using ClusterTransfer.Fuzz.Bytes;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Fuzz.Manifests;

/// <summary>A manifest page: it is refused with a reason, or read, has exactly these bytes again, and its plan covers each byte of each file once.</summary>
public sealed class ManifestTarget : ByteTarget
{
    // An entry may share its path with the one before, so a few bytes can stand for a path of 4 KiB; nothing else multiplies.
    private const int PerEntry = 4096 + 512;
    private const int ShortestEntry = 14;
    private const int ChunksWalked = 64;

    public override string Name => "manifest";

    public override IReadOnlyList<ParserPart> Parser { get; } =
    [
        new("ClusterTransfer.Wire.Manifests.ManifestCodec", "TryDecode", "Read", "ReadEntry", "ReadPath", "ReadIdentity", "ReadHoles", "FormOf", "IsSparse"),
        new("ClusterTransfer.Wire.Manifests.ManifestRules"),
        new("ClusterTransfer.Wire.Manifests.PlanCursor"),
        new("ClusterTransfer.Wire.Manifests.ManifestEntry", "DataBytes"),
        new("ClusterTransfer.Wire.Manifests.PagePlan"),
        new("ClusterTransfer.Wire.Manifests.ChunkSizes"),
        new("ClusterTransfer.Wire.Binary.WireReader", "VarUInt", "Bytes", "U8", "U16", "U32", "U64", "Int31", "Digest"),
        new("ClusterTransfer.Storage.Incoming.ManifestOrder"),
    ];

    protected override IEnumerable<Seed> Seeds => ManifestSeeds.All();

    protected override IReadOnlyList<byte[]> Pieces { get; } = [[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1], [0x80, 0], [0xFF, 0xFF, 0x03], "/"u8.ToArray(), "../"u8.ToArray(), [0]];

    public override bool Try(byte[] input, int choice)
    {
        Allocation allocation = Allocation.Begin();
        bool good = ManifestCodec.TryDecode(input, out ManifestPage? page, out string? problem);
        int entries = Math.Min(ManifestLimits.MaxEntriesPerPage, input.Length / ShortestEntry);
        allocation.End(input.Length, 64, ((long)entries * PerEntry) + (32 * 1024));
        if (!good)
        {
            Check(!string.IsNullOrEmpty(problem), "It was refused without a reason.");
            return false;
        }

        Check(problem is null && ManifestCodec.Encode(page!).AsSpan().SequenceEqual(input), "The page written again has other bytes.");
        CheckPlan(page!, choice);
        CheckOrder(page!);
        return true;
    }

    protected override byte[] MakeUp(Random random) => ManifestMaker.Make(random);

    private static void CheckPlan(ManifestPage page, int choice)
    {
        var plan = new PagePlan(page);
        Check(plan.ChunkCount <= ManifestLimits.MaxChunksPerPage && plan.FirstChunk + (long)plan.ChunkCount <= ManifestLimits.MaxChunks, "The plan has more chunks than there can be.");
        long covered = 0;
        for (int i = 0; i < page.Entries.Count; i++)
        {
            var entry = new EntryIndex(page.FirstEntry + (uint)i);
            (ChunkIndex first, int count) = plan.ChunksOf(entry);
            Check(page.Entries[i].Kind == EntryKind.File == count > 0, "A file has no chunks, or something else has.");
            Check(count == 0 || (plan.Contains(first) && plan.Contains(new ChunkIndex(first.Value + (uint)count - 1))), "A file's chunks are not of its page.");
            long bytes = page.Entries[i].Kind == EntryKind.File ? CheckFile(plan, page.Entries[i], entry, first, count, choice) : 0;
            Check(bytes == page.BytesOf(page.Entries[i]), "The plan moves more or fewer bytes than the entry has.");
            covered += bytes;
        }

        Check(!plan.Contains(new ChunkIndex(plan.FirstChunk + (uint)plan.ChunkCount)) && covered >= 0, "A chunk behind the last is of the page.");

        // An exception costs more than all the rest.
        if (choice % 64 == 0)
        {
            CheckOutside(page, plan);
        }
    }

    private static void CheckOutside(ManifestPage page, PagePlan plan)
    {
        Check(Throws(() => plan.At(new ChunkIndex(plan.FirstChunk - 1))) && Throws(() => plan.At(new ChunkIndex(plan.FirstChunk + (uint)plan.ChunkCount))), "A chunk that is not of the page was found.");
        Check(
            Throws(() => plan.ChunksOf(new EntryIndex(page.FirstEntry - 1))) && Throws(() => plan.ChunksOf(new EntryIndex(page.FirstEntry + (uint)page.Entries.Count))),
            "An entry that is not of the page was found.");
    }

    private static long CheckFile(PagePlan plan, ManifestEntry file, EntryIndex entry, ChunkIndex first, int count, int choice)
    {
        PlannedChunk head = plan.At(first);
        if (head.IsPacked)
        {
            ReadOnlySpan<PackMember> members = plan.MembersOf(head);
            int offset = 0;
            bool found = false;
            foreach (PackMember member in members)
            {
                Check(member.Offset == offset, "The members of a pack do not follow each other.");
                offset += member.Length;
                found |= member.Entry == entry && member.Length == file.Size;
            }

            Check(count == 1 && found && offset == head.Length && members.Length == head.MemberCount && members.Length <= ManifestLimits.MaxPackMembers, "A packed file is not in its pack.");
            return file.Size;
        }

        // All chunks of a file of usual size; of a larger one the first, the last and one between.
        long length = 0;
        for (int i = 0; i < count; i++)
        {
            if (count > ChunksWalked && i != 0 && i != count - 1 && i != choice % count)
            {
                i = i < choice % count ? (choice % count) - 1 : count - 2;
                continue;
            }

            PlannedChunk chunk = plan.At(new ChunkIndex(first.Value + (uint)i));
            Check(chunk.Entry == entry && chunk.FileOffset == PieceOf(i, file.Holes) * chunk.ChunkSize && chunk.Length > 0 && chunk.Length <= chunk.ChunkSize && ChunkSizes.IsValid(chunk.ChunkSize), "A chunk is not where it should be.");
            Check(plan.MembersOf(chunk).IsEmpty, "A chunk of one file has members.");
            length = chunk.FileOffset + chunk.Length;
        }

        Check(length == file.Size, "The chunks of a file do not end where it ends.");
        long missing = 0;
        foreach (FileHole hole in file.Holes)
        {
            missing += hole.Count;
        }

        Check((count + missing - 1) * head.ChunkSize < file.Size && file.Size - (missing * head.ChunkSize) > 0, "Chunks and holes together are not the file.");
        return file.Size - (missing * head.ChunkSize);
    }

    // Piece by piece what the plan says at once: chunks are the pieces that are in no hole.
    private static long PieceOf(long chunk, IReadOnlyList<FileHole> holes)
    {
        long piece = chunk;
        foreach (FileHole hole in holes)
        {
            piece += hole.First <= piece ? hole.Count : 0;
        }

        return piece;
    }

    // In its order, every path is beneath the result and its parent came before it as a folder; the slow way to say so must agree.
    private static void CheckOrder(ManifestPage page)
    {
        string? problem = ManifestOrder.Start.TryAdvance(page.Entries, out ManifestOrder next);
        if (problem is not null)
        {
            Check(next.Equals(ManifestOrder.Start), "A refused page changed the order.");
            return;
        }

        var folders = new HashSet<SafeRelativePath> { SafeRelativePath.Empty };
        for (int i = 0; i < page.Entries.Count; i++)
        {
            ManifestEntry entry = page.Entries[i];
            Check(folders.Contains(entry.Path.Parent) && (i == 0 || entry.Path.IsWithin(page.Entries[0].Path)), "The order let an entry pass whose folder was not announced.");
            _ = entry.Kind == EntryKind.Folder && folders.Add(entry.Path);
        }
    }

    private static bool Throws(Action call)
    {
        try
        {
            call();
            return false;
        }
        catch (ArgumentOutOfRangeException)
        {
            return true;
        }
    }

    private static void Check(bool holds, string problem)
    {
        if (!holds)
        {
            throw new FuzzException(problem);
        }
    }
}
