namespace ClusterTransfer.Node.Api;

/// <summary>The body of an answer that goes on for long: a client that does not take what it asked for in time is not waited for.</summary>
/// <remarks>The server holds a bounded number of bytes for a client and then makes the writer wait; this bounds that wait.</remarks>
internal sealed class StreamBody(Stream body, TimeSpan timeout, TimeProvider time)
{
    /// <exception cref="ClientTooSlowException">The client did not read for too long.</exception>
    public Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        WithinTimeAsync(token => body.WriteAsync(bytes, token), cancellationToken);

    /// <exception cref="ClientTooSlowException">The client did not read for too long.</exception>
    public Task FlushAsync(CancellationToken cancellationToken) => WithinTimeAsync(token => new ValueTask(body.FlushAsync(token)), cancellationToken);

    private async Task WithinTimeAsync(Func<CancellationToken, ValueTask> step, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            await step(ends.Token);
        }
        catch (OperationCanceledException error) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ClientTooSlowException(error);
        }
    }
}

/// <summary>A client asked for a stream and does not read it.</summary>
internal sealed class ClientTooSlowException(Exception inner) : IOException("The client does not read its stream.", inner);
