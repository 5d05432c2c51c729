using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Wire.Hashing;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Incoming;

/// <summary>A source made of memory: entries with their bytes, its manifest, its chunks, and a session that sends what a destination asks for.</summary>
internal sealed class ManualSource
{
    public const int Base = ChunkSizes.Min;

    private readonly List<(ManifestEntry Entry, byte[] Bytes)> _entries = [];
    private List<ManifestPage>? _pages;

    /// <summary>Entries of one page; small values make many pages.</summary>
    public int PageSize { get; init; } = 4096;

    /// <summary>Chunks sent over the life of this source, by index.</summary>
    public Dictionary<uint, int> Sent { get; } = [];

    public IReadOnlyList<(ManifestEntry Entry, byte[] Bytes)> Entries => _entries;

    public IReadOnlyList<ManifestPage> Pages => _pages ??= MakePages();

    public List<byte[]> Encoded => [.. Pages.Select(ManifestCodec.Encode)];

    public ManifestSeal Seal => new(
        Pages.Count, _entries.Count, _entries.Count(e => e.Entry.Kind == EntryKind.File),
        Pages[^1].FirstChunk + (uint)new PagePlan(Pages[^1]).ChunkCount,
        _entries.Where(e => e.Entry.Kind == EntryKind.File).Sum(e => e.Entry.Size), ManifestCodec.HashOf(Encoded[^1]));

    /// <summary>A tree with everything: small, empty, exact, large files, links, empty folders, odd names and modes.</summary>
    public static ManualSource Tree(int seed = 1, int pageSize = 4096)
    {
        var random = new Random(seed);
        byte[] Bytes(int length)
        {
            byte[] bytes = new byte[length];
            random.NextBytes(bytes);
            return bytes;
        }

        var source = new ManualSource { PageSize = pageSize };
        return source.Folder("tree", 0x1ed)
            .File("tree/a.txt", Bytes(10), 0x1a4)
            .File("tree/b-empty", [], 0x180)
            .Link("tree/c-link", "../nowhere/\xff", 5)
            .Folder("tree/d", 0x1c0)
            .File("tree/d/exact", Bytes(Base), 0x124)
            .File("tree/d/large", Bytes((3 * Base) + 100), 0x1ff)
            .Folder("tree/d/\xfe-not-utf8", 0x16d)
            .File("tree/d/\xfe-not-utf8/\x80\x81", Bytes(3000), 0x1a0)
            .Folder("tree/e-empty", 0x1f8)
            .File("tree/f", Bytes(Base - 1), 0x1b6)
            .File("tree/g", Bytes(700), 0x1b6)
            .Link("tree/h-link", "d", 6)
            .File("tree/i", Bytes(500_000), 0x100)
            .File("tree/j", Bytes(600_000), 0x100);
    }

    /// <summary>A single file.</summary>
    public static ManualSource Single(int size, string name = "file", int seed = 1)
    {
        byte[] bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return new ManualSource().File(name, bytes);
    }

    public ManualSource Folder(string path, int mode = 0x1ed) => Add(EntryKind.Folder, path, [], mode, string.Empty);

    public ManualSource File(string path, byte[] bytes, int mode = 0x1a4) => Add(EntryKind.File, path, bytes, mode, string.Empty);

    public ManualSource Link(string path, string target, int second) => Add(EntryKind.SymbolicLink, path, [], 0x1ff, target, second);

    /// <summary>An entry that lies about its size or path.</summary>
    public ManualSource Raw(ManifestEntry entry)
    {
        _entries.Add((entry, []));
        return this;
    }

    /// <summary>The same entries with a file written anew, a second later; its own manifest and count of chunks sent.</summary>
    public ManualSource Rewritten(string path, byte[] bytes)
    {
        var source = new ManualSource { PageSize = PageSize };
        foreach ((ManifestEntry entry, byte[] old) in _entries)
        {
            bool isIt = entry.Path.Equals(PathOf(path));
            ManifestEntry now = isIt ? entry with { Size = bytes.Length, ModifiedNs = entry.ModifiedNs + 1_000_000_000 } : entry;
            source._entries.Add((now, isIt ? bytes : old));
        }

        return source;
    }

    public static SafeRelativePath PathOf(string latin1) =>
        SafeRelativePath.TryCreate(Encoding.Latin1.GetBytes(latin1), out SafeRelativePath? path, out string? problem) ? path : throw new ArgumentException(problem);

    public ManifestEntry Entry(string path) => _entries.Single(e => e.Entry.Path.Equals(PathOf(path))).Entry;

    public EntryIndex IndexOf(string path) => new((uint)_entries.FindIndex(e => e.Entry.Path.Equals(PathOf(path))));

    public byte[] BytesOf(SafeRelativePath path) => _entries.Single(e => e.Entry.Path.Equals(path)).Bytes;

    public Digest RootOf(string path) => Blake3.Hash(_entries[(int)IndexOf(path).Value].Bytes);

    /// <summary>The chunks of a file, or of the pack it is in.</summary>
    public List<PlannedChunk> ChunksOf(string path)
    {
        EntryIndex entry = IndexOf(path);
        ManifestPage page = Pages.Last(p => p.FirstEntry <= entry.Value);
        var plan = new PagePlan(page);
        (ChunkIndex first, int count) = plan.ChunksOf(entry);
        return [.. Enumerable.Range(0, count).Select(i => plan.At(new ChunkIndex(first.Value + (uint)i)))];
    }

    public (byte[] Payload, Digest Digest) Read(in PlannedChunk chunk, params uint[] absent)
    {
        PlannedChunk wanted = chunk;
        ManifestPage page = Pages.Last(p => p.FirstChunk <= wanted.Index.Value);
        var plan = new PagePlan(page);
        if (!chunk.IsPacked)
        {
            byte[] all = _entries[(int)chunk.Entry.Value].Bytes;
            byte[] payload = all.AsSpan((int)chunk.FileOffset, chunk.Length).ToArray();
            return (payload, all.Length <= chunk.ChunkSize ? Blake3.Hash(payload) : Blake3.SubtreeValue(payload, chunk.FileOffset));
        }

        using var packed = new MemoryStream();
        var digests = new List<PackMemberDigest>();
        foreach (PackMember member in plan.MembersOf(chunk))
        {
            if (!absent.Contains(member.Entry.Value))
            {
                byte[] bytes = _entries[(int)member.Entry.Value].Bytes;
                packed.Write(bytes);
                digests.Add(new PackMemberDigest(member.Entry, bytes.Length, Blake3.Hash(bytes)));
            }
        }

        return (packed.ToArray(), PackDigest.Compute([.. digests]));
    }

    public ChunkWrite Write(IncomingTransfer to, in PlannedChunk chunk, params uint[] absent)
    {
        (byte[] payload, Digest digest) = Read(chunk, absent);
        Sent[chunk.Index.Value] = Sent.GetValueOrDefault(chunk.Index.Value) + 1;
        return to.WriteChunk(chunk.Index, digest, absent, AlignedMemory.Of(payload).Span);
    }

    /// <summary>Sends all pages and the seal that the destination does not have.</summary>
    public ManualSource SendManifest(IncomingTransfer to)
    {
        for (int i = to.PagesAccepted; i < Pages.Count; i++)
        {
            Assert.Null(to.AcceptPage(Encoded[i]).Problem);
        }

        if (!to.IsSealed)
        {
            to.AcceptSeal(Seal);
        }

        return this;
    }

    /// <summary>One whole session: pages, wanted chunks with a checkpoint after each few, words on files, publication, finish.</summary>
    public void Deliver(IncomingTransfer to, int checkpointEvery = 3, Action<Checkpoint>? onTold = null)
    {
        SendManifest(to);
        while (to.VerifyNext(out _))
        {
            // What is lost is among the wanted chunks below.
        }

        int since = 0;
        foreach (PlannedChunk chunk in Wanted(to))
        {
            Assert.Contains(Write(to, chunk).Outcome, new[] { ChunkWriteOutcome.Stored, ChunkWriteOutcome.Duplicate });
            if (++since % checkpointEvery == 0)
            {
                Tell(to.Checkpoint(), onTold);
            }
        }

        foreach ((ManifestEntry entry, byte[] bytes) in _entries.Where(e => e.Entry.Kind == EntryKind.File && e.Entry.Size >= Base))
        {
            to.FileDone(IndexOf(Encoding.Latin1.GetString(entry.Path.Bytes)), Blake3.Hash(bytes));
        }

        Tell(to.Checkpoint(), onTold);
        Tell(to.PublishReady(), onTold);
        if (!to.IsComplete && !to.IsFinished)
        {
            Assert.Fail($"Not complete: {to.Progress}");
        }

        to.Finish();
    }

    /// <summary>The chunks that the destination needs, of all pages or of those it has accepted.</summary>
    public List<PlannedChunk> Wanted(IncomingTransfer to, bool allPages = true)
    {
        List<PlannedChunk> wanted = [];
        foreach (ManifestPage page in Pages.Take(allPages ? Pages.Count : to.PagesAccepted))
        {
            HaveBits have = to.HaveBitsOf(page.Number);
            var plan = new PagePlan(page);
            for (int i = 0; i < have.Count; i++)
            {
                if ((have.Bits[i / 8] & (1 << (i % 8))) == 0)
                {
                    wanted.Add(plan.At(new ChunkIndex(have.FirstChunk + (uint)i)));
                }
            }
        }

        return wanted;
    }

    private static void Tell(Checkpoint checkpoint, Action<Checkpoint>? onTold) => onTold?.Invoke(checkpoint);

    private ManualSource Add(EntryKind kind, string path, byte[] bytes, int mode, string target, int second = 0)
    {
        long modified = (1_700_000_000L + _entries.Count + second) * 1_000_000_000 + 123_456_789;
        _entries.Add((new ManifestEntry(kind, PathOf(path), bytes.Length, mode, modified, default, Encoding.Latin1.GetBytes(target)), bytes));
        return this;
    }

    private List<ManifestPage> MakePages()
    {
        List<ManifestPage> pages = [];
        uint firstChunk = 0;
        Digest previous = default;
        foreach ((ManifestEntry Entry, byte[] Bytes)[] part in _entries.Chunk(PageSize))
        {
            var page = new ManifestPage(pages.Count, (uint)(pages.Count * PageSize), firstChunk, Base, previous, [.. part.Select(e => e.Entry)]);
            pages.Add(page);
            firstChunk += (uint)new PagePlan(page).ChunkCount;
            previous = ManifestCodec.HashOf(ManifestCodec.Encode(page));
        }

        return pages;
    }
}
