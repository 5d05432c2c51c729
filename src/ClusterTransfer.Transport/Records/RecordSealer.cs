namespace ClusterTransfer.Transport.Records;

/// <summary>Makes the records of one direction, one after the other. Not thread-safe.</summary>
internal sealed class RecordSealer(SealContext context, bool fromDialler, SealLimits limits) : IDisposable
{
    private readonly SealKeys _keys = new(context, fromDialler, limits);

    /// <summary>Writes the next record; its length is what it returns.</summary>
    /// <param name="kind">What it is for.</param>
    /// <param name="plaintext">At most <see cref="RecordHeader.MaxLength"/>.</param>
    /// <param name="record">Room for the plaintext and <see cref="RecordHeader.Overhead"/>.</param>
    public int Seal(RecordKind kind, ReadOnlySpan<byte> plaintext, Span<byte> record)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plaintext.Length, RecordHeader.MaxLength);
        if (!_keys.HasRoomFor(plaintext.Length))
        {
            _keys.Ratchet();
        }

        int end = RecordHeader.Size + plaintext.Length;
        new RecordHeader(plaintext.Length, kind, _keys.Phase).Write(record);
        _keys.Encrypt(plaintext, record[RecordHeader.Size..end], record.Slice(end, SealKeys.TagSize), record[..RecordHeader.Size]);
        return end + SealKeys.TagSize;
    }

    public void Dispose() => _keys.Dispose();
}
