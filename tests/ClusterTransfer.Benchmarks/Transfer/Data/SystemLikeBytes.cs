using System.Text;

namespace ClusterTransfer.Benchmarks.Transfer.Data;

/// <summary>Bytes that compress as an installed system's files do: text of words, tables of records, and a part that is compressed already.</summary>
/// <remarks>A machine's own files would be another data set on each machine. <c>zstd -1</c> makes a third of it, about as of /usr of a Debian with developer tools.</remarks>
internal sealed class SystemLikeBytes
{
    private const int Words = 16_384;
    private const int Lines = 8_192;
    private const int WordsInALine = 12;
    private const int MinBlock = 8 * 1024;
    private const int MaxBlock = 96 * 1024;

    // In percent of all blocks; the rest is text.
    private const int Compressed = 10;
    private const int Records = 25;

    private readonly SeededBytes _random;
    private readonly byte[][] _words;
    private readonly byte[][] _lines;
    private int _left;
    private int _kind;

    public SystemLikeBytes(ulong seed)
    {
        _random = new SeededBytes(seed);
        _words = [.. Enumerable.Range(0, Words).Select(_ => Word())];
        _lines = [.. Enumerable.Range(0, Lines).Select(_ => Line())];
    }

    /// <summary>Fills on from where the last call ended.</summary>
    public void Fill(Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_left == 0)
            {
                _left = MinBlock + _random.Below(MaxBlock - MinBlock);
                _kind = _random.Below(100);
            }

            Span<byte> block = bytes[..Math.Min(_left, bytes.Length)];
            if (_kind < Compressed)
            {
                _random.Fill(block);
            }
            else if (_kind < Compressed + Records)
            {
                FillWithRecords(block);
            }
            else
            {
                FillWithText(block);
            }

            _left -= block.Length;
            bytes = bytes[block.Length..];
        }
    }

    private void FillWithText(Span<byte> block)
    {
        int at = 0;
        while (at < block.Length)
        {
            // Four lines of five are said more than once somewhere, as licences, imports and tags are.
            byte[] piece = _random.Below(5) > 0 ? Frequent(_lines) : Line();
            int length = Math.Min(piece.Length, block.Length - at);
            piece.AsSpan(0, length).CopyTo(block[at..]);
            at += length;
        }
    }

    private byte[] Line() => [.. Enumerable.Range(0, WordsInALine).SelectMany(_ => Frequent(_words))];

    // The sixth power makes few of them frequent and most rare.
    private byte[] Frequent(byte[][] pieces)
    {
        double where = _random.Fraction();
        return pieces[(int)(where * where * where * where * where * where * pieces.Length)];
    }

    private void FillWithRecords(Span<byte> block)
    {
        uint number = (uint)_random.Next();
        Span<byte> record = stackalloc byte[24];
        for (int at = 0; at < block.Length; at += record.Length)
        {
            record.Clear();
            BitConverter.TryWriteBytes(record, number++);
            BitConverter.TryWriteBytes(record[8..], (ushort)_random.Next());
            BitConverter.TryWriteBytes(record[16..], (ushort)(_random.Next() & 0x0F0F));
            record[..Math.Min(record.Length, block.Length - at)].CopyTo(block[at..]);
        }
    }

    private byte[] Word()
    {
        var word = new StringBuilder();
        int length = 2 + _random.Below(9);
        for (int index = 0; index < length; index++)
        {
            word.Append((char)('a' + _random.Below(26)));
        }

        return Encoding.ASCII.GetBytes(word.Append(_random.Below(12) switch { 0 => "\n    ", 1 => "(", 2 => ", ", 3 => ".", _ => " " }).ToString());
    }
}
