using System.Diagnostics.CodeAnalysis;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Binary;

namespace ClusterTransfer.Wire.Frames;

/// <summary>Entries that will not be delivered: changed, unreadable, given up.</summary>
/// <param name="Entries">1 to <see cref="MaxEntries"/> entries, each with its reason and one sentence.</param>
/// <remarks>count u16 | (entry u32 | reason u16 | detail u16 length, UTF-8) each.</remarks>
public sealed record SourceChangedBody(IReadOnlyList<(EntryIndex Entry, Reason Reason, string Detail)> Entries) : IFrameBody<SourceChangedBody>
{
    /// <summary>Most entries in one frame: so many of the longest sentences still fit 64 KiB.</summary>
    public const int MaxEntries = 60;

    private const int MinEntryLength = sizeof(uint) + sizeof(ushort) + sizeof(ushort);

    /// <inheritdoc/>
    public int EncodedLength
    {
        get
        {
            int length = sizeof(ushort);
            foreach ((_, _, string detail) in Entries)
            {
                length += sizeof(uint) + sizeof(ushort) + DetailText.EncodedLength(detail);
            }

            return length;
        }
    }

    /// <inheritdoc/>
    public int WriteTo(Span<byte> destination)
    {
        if (Entries.Count is < 1 or > MaxEntries)
        {
            throw new ArgumentException($"SourceChanged names 1 to {MaxEntries} entries; got {Entries.Count}.");
        }

        var writer = new WireWriter(destination);
        writer.U16((ushort)Entries.Count);
        foreach ((EntryIndex entry, Reason reason, string detail) in Entries)
        {
            writer.U32(entry.Value);
            writer.U16(ReasonNumbers.ToWire(reason));
            DetailText.Write(ref writer, detail);
        }

        return writer.Length;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> source, [NotNullWhen(true)] out SourceChangedBody? body)
    {
        body = null;
        var reader = new WireReader(source);
        int count = reader.U16();
        if (reader.Failed || count is < 1 or > MaxEntries || reader.Remaining < count * MinEntryLength)
        {
            return false;
        }

        var entries = new (EntryIndex Entry, Reason Reason, string Detail)[count];
        for (int i = 0; i < count && !reader.Failed; i++)
        {
            entries[i] = (new EntryIndex(reader.U32()), ReasonNumbers.FromWire(reader.U16()), DetailText.Read(ref reader));
        }

        body = reader.Complete ? new SourceChangedBody(entries) : null;
        return body is not null;
    }
}
