namespace ClusterTransfer.Transport.Records;

/// <summary>Frames on the bare socket: for measurements of what sealing costs, see <see cref="RecordLayer.Plain"/>.</summary>
internal sealed class PlainStream(ProgressSocket socket) : LayerStream
{
    private static readonly byte[] s_begin = "CTBEGIN1"u8.ToArray();

    /// <inheritdoc/>
    public override async ValueTask BeginAsync(bool dialled, CancellationToken cancellationToken)
    {
        if (dialled)
        {
            await socket.SendAsync(s_begin, cancellationToken).ConfigureAwait(false);
            return;
        }

        byte[] first = new byte[s_begin.Length];
        await ReadExactlyAsync(first, cancellationToken).ConfigureAwait(false);
        if (!first.AsSpan().SequenceEqual(s_begin))
        {
            throw new IOException("The dialler did not begin.");
        }
    }

    /// <inheritdoc/>
    public override ValueTask EndAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => socket.ReceiveAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => socket.SendAsync(buffer, cancellationToken);
}
