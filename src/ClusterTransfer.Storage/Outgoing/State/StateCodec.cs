using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Outgoing.Scanning;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Outgoing.State;

/// <summary>Bytes of the records in a source's log. The checksum of the log was good, so malformed bytes mean another version or a bug.</summary>
/// <remarks>Start: type u8 | version u8 | base chunk size i32 | location, root, result name, each i32 length and bytes.
/// Batch: type u8 | content follows u8 | position | issues i32, each state u8, reason, path, detail, as texts |
/// has page u8, and if 1: number i32, first entry u32, entries i32, first chunk u32, chunks i32, files i32, bytes i64, hash 32, i32 length and the encoded page, last.
/// Seal: type u8 | pages i32 | entries i64 | files i64 | chunks u32 | bytes i64 | root 32. Little-endian.</remarks>
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
            writer.Write((byte)issue.State);
            WriteBytes(writer, Encoding.UTF8.GetBytes(issue.Problem.Reason.Info().Code));
            WriteBytes(writer, Encoding.UTF8.GetBytes(issue.Path));
            WriteBytes(writer, Encoding.UTF8.GetBytes(issue.Problem.Detail));
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
            var state = (FileState)reader.ReadByte();
            Reason reason = ReasonCatalogue.FromCode(ReadText(reader));
            issues.Add(new FileIssue(ReadText(reader), state, new Problem(reason, ReadText(reader))));
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
