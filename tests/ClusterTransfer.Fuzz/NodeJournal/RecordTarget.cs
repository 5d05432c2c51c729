using System.Buffers.Binary;
using ClusterTransfer.Fuzz.Bytes;
using ClusterTransfer.Fuzz.Manifests;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.NodeJournal;
using TransferState = ClusterTransfer.Storage.Incoming.TransferState;

namespace ClusterTransfer.Fuzz.NodeJournal;

/// <summary>Whole records that say anything: whatever they say, the counters of the transfer add up.</summary>
/// <remarks>An input is records of length u16 | type u8 | payload; it is valid when a page was accepted and every record has the length of its type.</remarks>
public sealed class RecordTarget : ByteTarget
{
    private byte[][]? _lives;

    public override string Name => "record";

    public override IReadOnlyList<ParserPart> Parser { get; } =
    [
        new("ClusterTransfer.Storage.NodeJournal.JournalReader"),
        new("ClusterTransfer.Storage.Incoming.JournalReplay"),
        new("ClusterTransfer.Storage.Incoming.TransferState"),
        new("ClusterTransfer.Storage.Incoming.EarlierFiles", "Add"),
    ];

    protected override IEnumerable<Seed> Seeds
    {
        get
        {
            var random = new FuzzRandom();
            for (int i = 0; i < 12; i++)
            {
                random.Start(1, i);
                yield return new Seed($"life {i}", RecordMaker.Plain(RecordMaker.Life(random, wrongOneIn: 100)));
            }

            byte[] page = RecordMaker.Plain(new JournalBatch().Add(JournalRecordType.PageAccepted, ManifestSeeds.Encoded()));
            foreach (uint wrong in (uint[])[0, int.MaxValue, (uint)int.MaxValue + 1, uint.MaxValue])
            {
                byte[] number = BitConverter.GetBytes(wrong);
                yield return new Seed($"lost chunks, count {wrong}", [.. page, .. Record(JournalRecordType.ChunksLost, [0, 0, 0, 0, .. number])]);
                yield return new Seed($"lost chunks from {wrong}", [.. page, .. Record(JournalRecordType.ChunksLost, [.. number, .. number])]);
                foreach (JournalRecordType type in (JournalRecordType[])[JournalRecordType.FilesCompleted, JournalRecordType.FilesUndone, JournalRecordType.FilesUnverified, JournalRecordType.FoldersMerged, JournalRecordType.RoundBegan])
                {
                    yield return new Seed($"{type} {wrong}", [.. page, .. Record(type, number)]);
                }
            }

            yield return new Seed("settled, lengths beyond the record", [.. page, .. Record(JournalRecordType.EntriesSettled, [1, 0, 0, 0, 7, 0, 255, 255, 255])]);
            yield return new Seed("begun, unknown policy", Record(JournalRecordType.Begun, [77, 99, (byte)'a']));
            byte[] giant = Record(JournalRecordType.PageAccepted, Wire.Manifests.ManifestCodec.EncodeUnchecked(ManifestSeeds.Page(0, 0, 0, [ManifestSeeds.File("a", 1L << 48)])));
            byte[] everything = [.. Enumerable.Repeat((byte[])[0, 0, 0, 0, 255, 255, 255, 255], 500).SelectMany(range => range)];
            yield return new Seed("largest page, lost 500 times", [.. giant, .. Record(JournalRecordType.ChunksLost, everything)]) { IsHeavy = true };
            byte[] back = [.. Enumerable.Range(0, 100).SelectMany(_ => (byte[])[.. Record(JournalRecordType.FilesCompleted, new byte[4]), .. Record(JournalRecordType.FilesUndone, new byte[4])])];
            yield return new Seed("largest page, completed and undone 100 times", [.. giant, .. back]) { IsHeavy = true };
        }
    }

    public override bool Try(byte[] input, int choice)
    {
        Allocation allocation = Allocation.Begin();
        byte[] ReadBack(long offset, int length) => input.AsSpan((int)offset, length).ToArray();
        var state = new TransferState(new PageBook(ReadBack), new EarlierFiles(ReadBack));
        bool isWhole = true;
        int records = 0;
        for (int at = 0; at < input.Length;)
        {
            if (input.Length - at < 3)
            {
                isWhole = false;
                break;
            }

            int length = BinaryPrimitives.ReadUInt16LittleEndian(input.AsSpan(at));
            isWhole &= length <= input.Length - at - 3;
            length = Math.Min(length, input.Length - at - 3);
            var record = new JournalRecord((JournalRecordType)input[at + 2], input.AsSpan(at + 3, length), at + 3);
            JournalReplay.Apply(state, record, choice % 2 == 0 ? (_, _) => records++ : null);
            isWhole &= Enum.IsDefined(record.Type);
            at += 3 + length;
        }

        allocation.End(input.Length, 256, Bound(state, input.Length));
        StateCheck.Check(state);
        return isWhole && state.Pages.Count > 0;
    }

    protected override byte[] MakeUp(Random random)
    {
        byte[][] lives = _lives ??= RecordMaker.Lives(20, RecordMaker.Plain);
        return lives[random.Next(lives.Length)];
    }

    /// <summary>Two bits for each chunk, and the entries of pages: four pages stay in memory, and a record may need another one again.</summary>
    internal static long Bound(TransferState state, int inputLength)
    {
        long pages = 64 * 1024;
        for (int number = 0; number < state.Pages.Count; number++)
        {
            pages += (state.Pages[number].ChunkCount / 4) + (state.Pages[number].EntryCount * 4700L);
        }

        return state.Pages.Count > 4 ? pages * (inputLength / 4) : pages;
    }

    private static byte[] Record(JournalRecordType type, byte[] payload) => [.. BitConverter.GetBytes((ushort)payload.Length), (byte)type, .. payload];
}
