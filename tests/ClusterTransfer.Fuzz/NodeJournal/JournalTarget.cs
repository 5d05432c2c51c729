using System.Buffers.Binary;
using ClusterTransfer.Fuzz.Bytes;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.NodeJournal;
using TransferState = ClusterTransfer.Storage.Incoming.TransferState;

namespace ClusterTransfer.Fuzz.NodeJournal;

/// <summary>A whole log of a destination, damaged anywhere: recovery finds exactly the records that are whole, and its mended copy says the same and is sound.</summary>
public sealed class JournalTarget : ByteTarget
{
    private const int Window = 64 * 1024;

    private static readonly TransferId Id = new("0123456789abcdef");
    private static readonly byte[] Salt = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

    private readonly List<Found> _found = [];
    private readonly List<Found> _again = [];
    private byte[][]? _lives;

    public override string Name => "journal";

    public override IReadOnlyList<ParserPart> Parser { get; } =
    [
        new("ClusterTransfer.Storage.NodeJournal.JournalScanner"),
        new("ClusterTransfer.Storage.NodeJournal.JournalHeader", "Read", "ReadCopy"),
        new("ClusterTransfer.Storage.NodeJournal.JournalFrame", "IsPlausible", "IsSound", "Checksum"),
        new("ClusterTransfer.Storage.Incoming.JournalReplay"),
    ];

    protected override IEnumerable<Seed> Seeds
    {
        get
        {
            var random = new FuzzRandom();
            for (int i = 0; i < 12; i++)
            {
                random.Start(2, i);
                yield return new Seed($"life {i}", RecordMaker.Log(RecordMaker.Life(random, wrongOneIn: 1000), Id, Salt));
            }

            byte[] small = RecordMaker.Log(new JournalBatch().EpochRaised(new Epoch(1, 1)).FileCompleted(3).Add(JournalRecordType.Clean), Id, Salt);
            yield return new Seed("clean", small);
            yield return new Seed("nothing", []);
            yield return new Seed("half a header", small[..30]);
            yield return new Seed("one copy of the header", small[..48]);
            yield return new Seed("only a header", small[..JournalHeader.Size]);
            yield return new Seed("of another transfer", [.. JournalHeader.ToBytes(new TransferId("zzzzzzzzzzzzzzzz"), Salt), .. small[JournalHeader.Size..]]);
            yield return new Seed("of a newer version", JournalHeader.ToBytes(Id, Salt, version: 2));
            yield return new Seed("of an unknown type", RecordMaker.Log(new JournalBatch().Add((JournalRecordType)99, "later"u8), Id, Salt));
            foreach (uint wrong in (uint[])[0, 1, JournalFrame.MaxLength, JournalFrame.MaxLength + 1, int.MaxValue, (uint)int.MaxValue + 1, uint.MaxValue - 8, uint.MaxValue])
            {
                byte[] bytes = [.. small];
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(JournalHeader.Size), wrong);
                yield return new Seed($"length {wrong}", bytes);
            }

            byte[] many = RecordMaker.Log(Many(1000), Id, Salt);
            for (int at = JournalHeader.Size; at < many.Length; at += 2 * JournalFrame.SizeOf(4))
            {
                many[at + 6] ^= 1;
            }

            yield return new Seed("every other record damaged", many);
            yield return new Seed("lengths that could be records", [.. RecordMaker.Log(new JournalBatch().FileCompleted(3), Id, Salt), 1, .. Enumerable.Repeat((byte[])[0, 32, 0, 0], 8_000).SelectMany(length => length)]);
        }
    }

    public override bool Try(byte[] input, int choice)
    {
        _found.Clear();
        _again.Clear();
        var log = new MemoryLog([.. input]);
        Allocation allocation = Allocation.Begin();
        (JournalScan scan, TransferState state) = Replay(log, _found);
        allocation.End(input.Length, 320, RecordTarget.Bound(state, input.Length) + (3 * Window));
        StateCheck.Check(state);
        Check(scan.GoodLength <= log.Length && scan.HasTail == scan.GoodLength < log.Length, "Whether there is a tail does not follow from the good length.");
        Check(!scan.IsClean || (!scan.IsDamaged && !scan.HasTail && _found.Count > 0 && _found[^1].Type == JournalRecordType.Clean), "A log is called clean that is not.");
        if (choice % 4 == 0 || input.Length > 8 * 1024)
        {
            CheckAgainstModel(input, scan);
        }

        if (scan.Header is not (JournalHeaderState.Sound or JournalHeaderState.OneCopyDamaged))
        {
            Check(_found.Count == 0, "Records were read behind a header that cannot be read.");
            return false;
        }

        if (scan.IsDamaged || choice % 8 == 0)
        {
            CheckMended(log, state);
        }

        CheckCut(log, scan);
        return scan is { IsDamaged: false, HasTail: false, HasUnknownType: false } && _found.Count > 0;
    }

    protected override byte[] MakeUp(Random random)
    {
        byte[][] lives = _lives ??= RecordMaker.Lives(50, batch => RecordMaker.Log(batch, Id, Salt));
        return lives[random.Next(lives.Length)];
    }

    // Some damage is made whole again, so that records with nonsense in them are read; the rest is what a disk does.
    protected override void Mend(Damage damage, Random random)
    {
        Span<byte> bytes = damage.Bytes;
        if (random.Next(3) > 0 || bytes.Length < JournalHeader.Size)
        {
            return;
        }

        if (random.Next(4) > 0)
        {
            JournalHeader.ToBytes(Id, Salt).CopyTo(bytes);
        }

        for (int at = JournalHeader.Size; at + JournalFrame.Overhead <= bytes.Length && JournalFrame.IsPlausible(bytes[at..], bytes.Length - at, out int size); at += size)
        {
            if (random.Next(16) > 0)
            {
                byte[] payload = bytes.Slice(at + 5, size - JournalFrame.Overhead).ToArray();
                JournalFrame.Write(bytes.Slice(at, size), Salt, at, (JournalRecordType)bytes[at + 4], payload);
            }
        }
    }

    private static (JournalScan Scan, TransferState State) Replay(MemoryLog log, List<Found> found)
    {
        byte[] ReadBack(long offset, int length)
        {
            byte[] encoded = new byte[length];
            log.Read(encoded, offset);
            return encoded;
        }

        var state = new TransferState(new PageBook(ReadBack), new EarlierFiles(ReadBack));
        JournalScan scan = JournalScanner.Scan(log, Id, record =>
        {
            found.Add(new Found(record.Type, record.PayloadOffset, record.Payload.Length));
            JournalReplay.Apply(state, record, onChunkDurable: null);
        });
        return (scan, state);
    }

    // Record after record, and where there is none the next byte.
    private void CheckAgainstModel(byte[] input, JournalScan scan)
    {
        JournalHeaderState header = JournalHeader.Read(input.AsSpan(0, Math.Min(input.Length, JournalHeader.Size)), Id, out byte[] salt);
        Check(header == scan.Header, "The scan says of the header what reading it does not.");
        if (header is not (JournalHeaderState.Sound or JournalHeaderState.OneCopyDamaged))
        {
            return;
        }

        int found = 0;
        for (int at = JournalHeader.Size; at + JournalFrame.Overhead <= input.Length;)
        {
            if (JournalFrame.IsPlausible(input.AsSpan(at, 5), input.Length - at, out int size) && JournalFrame.IsSound(input.AsSpan(at, size), salt, at))
            {
                Check(found < _found.Count && _found[found].PayloadOffset == at + 5 && _found[found].Length == size - JournalFrame.Overhead, $"The record at byte {at} was not found.");
                found++;
                at += size;
            }
            else
            {
                at++;
            }
        }

        Check(found == _found.Count, "More records were found than there are.");
    }

    private void CheckMended(MemoryLog damaged, TransferState state)
    {
        var copy = new MemoryLog([]);
        NodeJournalLog.CopySound(damaged, copy, Id).Dispose();
        (JournalScan scan, TransferState mended) = Replay(copy, _again);
        Check(scan is { Header: JournalHeaderState.Sound, IsDamaged: false, HasTail: false }, "A mended log is not sound.");
        Check(_found.Count == _again.Count, "A mended log has other records.");
        for (int i = 0; i < _found.Count; i++)
        {
            Check(
                _found[i].Type == _again[i].Type && damaged.Bytes.Slice((int)_found[i].PayloadOffset, _found[i].Length).SequenceEqual(copy.Bytes.Slice((int)_again[i].PayloadOffset, _again[i].Length)),
                "A mended log has other records.");
        }

        Check(StateCheck.Line(mended) == StateCheck.Line(state), "A mended log says something else.");
    }

    private void CheckCut(MemoryLog log, JournalScan scan)
    {
        if (!scan.HasTail)
        {
            return;
        }

        log.Cut(scan.GoodLength);
        int count = 0;
        JournalScan cut = JournalScanner.Scan(log, Id, _ => count++);
        Check(!cut.HasTail && cut.IsDamaged == scan.IsDamaged && count == _found.Count, "A log whose tail was cut reads otherwise than before.");
    }

    private static JournalBatch Many(int count)
    {
        var batch = new JournalBatch();
        for (int i = 0; i < count; i++)
        {
            batch.Add(JournalRecordType.FilesCompleted, BitConverter.GetBytes(i));
        }

        return batch;
    }

    private static void Check(bool holds, string problem)
    {
        if (!holds)
        {
            throw new FuzzException(problem);
        }
    }

    private readonly record struct Found(JournalRecordType Type, long PayloadOffset, int Length);
}
