namespace ClusterTransfer.Transport.Records;

/// <summary>What is wrong with a record.</summary>
internal enum RecordError
{
    None,

    /// <summary>No such kind, or not of that length.</summary>
    BadHeader,

    /// <summary>A kind that cannot be at this place.</summary>
    OutOfOrder,

    /// <summary>Neither the present key nor the next one, or more than a key may seal.</summary>
    BadPhase,

    /// <summary>Not what the peer sealed as its next record: changed, repeated, left out, swapped, or of another connection or direction.</summary>
    NotGenuine,
}

/// <summary>Opens the records of one direction, in the order they were sealed. After an error nothing can be opened any more. Not thread-safe.</summary>
internal sealed class RecordOpener(SealContext context, bool fromDialler, SealLimits limits) : IDisposable
{
    private readonly SealKeys _keys = new(context, fromDialler, limits);
    private bool _beginDue = fromDialler;
    private bool _closed;
    private bool _failed;

    /// <summary>Whether the peer has said that nothing follows.</summary>
    public bool Closed => _closed;

    /// <summary>Looks at the header of the next record; nothing that follows is to be waited for before that.</summary>
    public RecordError Check(ReadOnlySpan<byte> source, out RecordHeader header)
    {
        bool good = RecordHeader.TryRead(source, out header);
        bool next = header.Phase == (ushort)(_keys.Phase + 1);
        return Note(
            _failed ? RecordError.NotGenuine
            : !good ? RecordError.BadHeader
            : _closed || _beginDue != (header.Kind == RecordKind.Begin) ? RecordError.OutOfOrder
            : !next && (header.Phase != _keys.Phase || !_keys.HasRoomFor(header.Length)) ? RecordError.BadPhase
            : RecordError.None);
    }

    /// <summary>Opens the record.</summary>
    /// <param name="record">The whole record, its header checked.</param>
    /// <param name="plaintext">Exactly as long as the header says; nothing of a record that is not genuine is left in it. May be the ciphertext's own place.</param>
    public RecordError Open(ReadOnlySpan<byte> record, Span<byte> plaintext)
    {
        RecordError error = Check(record[..RecordHeader.Size], out RecordHeader header);
        if (error != RecordError.None)
        {
            return error;
        }

        if (header.Phase != _keys.Phase)
        {
            _keys.Ratchet();
        }

        int end = RecordHeader.Size + header.Length;
        if (!_keys.HasRoomFor(header.Length)
            || !_keys.TryDecrypt(record[RecordHeader.Size..end], record.Slice(end, SealKeys.TagSize), plaintext, record[..RecordHeader.Size]))
        {
            return Note(RecordError.NotGenuine);
        }

        _beginDue = false;
        _closed = header.Kind == RecordKind.Close;
        return RecordError.None;
    }

    public void Dispose() => _keys.Dispose();

    private RecordError Note(RecordError error)
    {
        _failed |= error != RecordError.None;
        return error;
    }
}
