using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Outgoing.Scanning;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Outgoing.State;

/// <summary>Bytes of the records in a source's log. The checksum of the log was good, so malformed bytes mean another version or a bug.</summary>
/// <remarks>Start: type u8 | version u8 | base chunk size i32 | location, root, result name, each i32 length and bytes.
/// Batch: type u8 | content follows u8 | position | issues i32, each state u8, reason, path, detail, as texts |
/// has page u8, and if 1: number i32, first entry u32, entries i32, first chunk u32, chunks i32, files i32, bytes i64, hash 32, i32 length and the encoded page, last.
/// Seal: type u8 | pages i32 | entries i64 | files i64 | chunks u32 | bytes i64 | root 32.
/// Parked: type u8 | files i32, each an issue as in a batch | chunk u32 | offset i64 | attempts i32 | expected, actual, as texts | connection i32 | peer, as text |
/// last at i64, first at i64 in ticks of UTC, 0 for unknown. Little-endian.</remarks>
internal static class StateCodec
{
    private const byte Version = 1;

    public static byte[] Encode(StartRecord record) => Write(StateRecordType.Start, writer =>
    {
        writer.Write(Version);
        writer.Write(record.BaseChunkSize);
        WriteBytes(writer, Encoding.UTF8.GetBytes(record.Location));
        WriteBytes(writer, record.Root.Bytes);
        WriteBytes(writer, record.ResultName.Bytes);
    });

    public static byte[] Encode(BatchRecord record, ReadOnlyMemory<byte> encodedPage) => Write(StateRecordType.Batch, writer =>
    {
        writer.Write(record.Position.ContentFollows);
        WriteBytes(writer, record.Position.Path);
        writer.Write(record.Issues.Count);
        foreach (FileIssue issue in record.Issues)
        {
            WriteIssue(writer, issue);
        }

        writer.Write(record.Page is not null);
        if (record.Page is { } page)
        {
            writer.Write(page.Number);
            writer.Write(page.FirstEntry);
            writer.Write(page.EntryCount);
            writer.Write(page.FirstChunk);
            writer.Write(page.ChunkCount);
            writer.Write(page.Files);
            writer.Write(page.Bytes);
            WriteDigest(writer, page.Hash);
            WriteBytes(writer, encodedPage.Span);
        }
    });

    public static byte[] Encode(ManifestSeal seal) => Write(StateRecordType.Seal, writer =>
    {
        writer.Write(seal.Pages);
        writer.Write(seal.Entries);
        writer.Write(seal.Files);
        writer.Write(seal.Chunks);
        writer.Write(seal.Bytes);
        WriteDigest(writer, seal.Root);
    });

    public static byte[] EncodeParked(IReadOnlyList<FileIssue> files) => Write(StateRecordType.Parked, writer =>
    {
        writer.Write(files.Count);
        foreach (FileIssue file in files)
        {
            ParkedChunk chunk = file.Chunk ?? throw new ArgumentException($"'{file.Path}' was not given up because of a chunk.", nameof(files));
            WriteIssue(writer, file);
            writer.Write(chunk.Index);
            writer.Write(chunk.FileOffset);
            writer.Write(chunk.Attempts);
            WriteText(writer, chunk.Expected);
            WriteText(writer, chunk.Actual);
            writer.Write(chunk.Connection);
            WriteText(writer, chunk.Peer);
            writer.Write(chunk.LastAt.UtcTicks);
            writer.Write(chunk.FirstAt?.UtcTicks ?? 0);
        }
    });

    public static IReadOnlyList<FileIssue> DecodeParked(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty || payload[0] != (byte)StateRecordType.Parked)
        {
            throw new InvalidDataException("it has a record of another kind");
        }

        using BinaryReader reader = ReaderOf(payload);
        int count = reader.ReadInt32();
        List<FileIssue> files = [];
        for (int i = 0; i < count; i++)
        {
            files.Add(ReadIssue(reader) with
            {
                Chunk = new ParkedChunk(
                    reader.ReadUInt32(), reader.ReadInt64(), reader.ReadInt32(), ReadText(reader), ReadText(reader), reader.ReadInt32(), ReadText(reader), ReadTime(reader))
                {
                    FirstAt = reader.ReadInt64() is not 0 and var ticks ? TimeOf(ticks) : null,
                },
            });
        }

        return files;
    }

    public static StartRecord DecodeStart(ReadOnlySpan<byte> payload)
    {
        using BinaryReader reader = ReaderOf(payload);
        byte version = reader.ReadByte();
        if (version != Version)
        {
            throw new InvalidDataException($"its version is {version}; this node reads {Version}");
        }

        int baseChunkSize = reader.ReadInt32();
        if (!ChunkSizes.IsValid(baseChunkSize))
        {
            throw new InvalidDataException($"its chunk size is {baseChunkSize}");
        }

        return new StartRecord(ReadText(reader), ReadPath(reader), ReadPath(reader), baseChunkSize);
    }

    public static BatchRecord DecodeBatch(ReadOnlySpan<byte> payload)
    {
        using BinaryReader reader = ReaderOf(payload);
        bool contentFollows = reader.ReadBoolean();
        var position = new ScanPosition(ReadBytes(reader), contentFollows);
        int count = reader.ReadInt32();
        List<FileIssue> issues = [];
        for (int i = 0; i < count; i++)
        {
            issues.Add(ReadIssue(reader));
        }

        PageSummary? page = reader.ReadBoolean()
            ? new PageSummary(
                reader.ReadInt32(), reader.ReadUInt32(), reader.ReadInt32(), reader.ReadUInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt64(),
                ReadDigest(reader), reader.ReadInt32())
            : null;
        return new BatchRecord(position, page, issues);
    }

    public static ManifestSeal DecodeSeal(ReadOnlySpan<byte> payload)
    {
        using BinaryReader reader = ReaderOf(payload);
        return new ManifestSeal(reader.ReadInt32(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadUInt32(), reader.ReadInt64(), ReadDigest(reader));
    }

    private static byte[] Write(StateRecordType type, Action<BinaryWriter> write)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write((byte)type);
        write(writer);
        return stream.ToArray();
    }

    private static BinaryReader ReaderOf(ReadOnlySpan<byte> payload) => new(new MemoryStream(payload[1..].ToArray(), writable: false));

    private static void WriteBytes(BinaryWriter writer, ReadOnlySpan<byte> bytes)
    {
        writer.Write(bytes.Length);
        writer.Write(bytes);
    }

    private static byte[] ReadBytes(BinaryReader reader)
    {
        int length = reader.ReadInt32();
        return length >= 0 && length <= reader.BaseStream.Length - reader.BaseStream.Position
            ? reader.ReadBytes(length)
            : throw new InvalidDataException("a length in it is out of range");
    }

    private static string ReadText(BinaryReader reader) => Encoding.UTF8.GetString(ReadBytes(reader));

    private static void WriteText(BinaryWriter writer, string text) => WriteBytes(writer, Encoding.UTF8.GetBytes(text));

    private static void WriteIssue(BinaryWriter writer, FileIssue issue)
    {
        writer.Write((byte)issue.State);
        WriteText(writer, issue.Problem.Reason.Info().Code);
        WriteText(writer, issue.Path);
        WriteText(writer, issue.Problem.Detail);
    }

    private static FileIssue ReadIssue(BinaryReader reader)
    {
        var state = (FileState)reader.ReadByte();
        Reason reason = ReasonCatalogue.FromCode(ReadText(reader));
        return new FileIssue(ReadText(reader), state, new Problem(reason, ReadText(reader)));
    }

    private static DateTimeOffset ReadTime(BinaryReader reader) => TimeOf(reader.ReadInt64());

    private static DateTimeOffset TimeOf(long ticks) => ticks >= 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks
        ? new DateTimeOffset(ticks, TimeSpan.Zero)
        : throw new InvalidDataException("a time in it is out of range");

    private static SafeRelativePath ReadPath(BinaryReader reader) =>
        SafeRelativePath.TryCreate(ReadBytes(reader), out SafeRelativePath? path, out string? problem) ? path : throw new InvalidDataException(problem);

    private static void WriteDigest(BinaryWriter writer, in Digest digest)
    {
        Span<byte> bytes = stackalloc byte[Digest.Length];
        digest.CopyTo(bytes);
        writer.Write(bytes);
    }

    private static Digest ReadDigest(BinaryReader reader)
    {
        byte[] bytes = reader.ReadBytes(Digest.Length);
        return bytes.Length == Digest.Length ? new Digest(bytes) : throw new InvalidDataException("it ends early");
    }
}
