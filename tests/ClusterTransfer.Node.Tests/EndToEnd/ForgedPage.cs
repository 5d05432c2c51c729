using System.Buffers.Binary;
using System.Numerics;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>Encodes a manifest page as <c>docs/protocol.md</c> says, without the checks that keep an honest node from making such a page.</summary>
internal static class ForgedPage
{
    public static Entry File(string path, long size = 0) => new(EntryKind.File, path, size);

    public static Entry Folder(string path) => new(EntryKind.Folder, path, 0);

    public static Entry Link(string path, string target) => new(EntryKind.SymbolicLink, path, 0, target);

    /// <summary>Page 0 with these entries.</summary>
    public static byte[] Encode(params Entry[] entries)
    {
        var page = new MemoryStream();
        page.WriteByte(1);
        Number(page, 0, 4);
        Number(page, 0, 4);
        Number(page, 0, 4);
        page.WriteByte((byte)BitOperations.Log2(Cluster.ChunkSize));
        page.Write(new byte[Digest.Length]);
        Number(page, (ulong)entries.Length, 2);
        byte[] before = [];
        foreach (Entry entry in entries)
        {
            byte[] path = [.. entry.Path.Select(character => (byte)character)];
            int shared = path.AsSpan().CommonPrefixLength(before);
            page.WriteByte((byte)entry.Kind);
            Number(page, 0x1a4, 2);
            Number(page, 0, 8);
            Varint(page, (ulong)entry.Size);
            Varint(page, (ulong)shared);
            Varint(page, (ulong)(path.Length - shared));
            page.Write(path, shared, path.Length - shared);
            if (entry.Kind == EntryKind.SymbolicLink)
            {
                Varint(page, (ulong)entry.Target.Length);
                page.Write([.. entry.Target.Select(character => (byte)character)]);
            }

            before = path;
        }

        return page.ToArray();
    }

    private static void Number(MemoryStream page, ulong value, int width)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        page.Write(bytes[..width]);
    }

    private static void Varint(MemoryStream page, ulong value)
    {
        for (; value > 0x7f; value >>= 7)
        {
            page.WriteByte((byte)(value | 0x80));
        }

        page.WriteByte((byte)value);
    }

    internal sealed record Entry(EntryKind Kind, string Path, long Size, string Target = "");
}
