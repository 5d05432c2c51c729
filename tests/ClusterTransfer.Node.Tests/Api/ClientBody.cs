using System.Text;

namespace ClusterTransfer.Node.Tests.Api;

/// <summary>The body of an answer whose client reads at once, or never.</summary>
internal sealed class ClientBody : Stream
{
    private readonly Lock _gate = new();
    private readonly MemoryStream _written = new();
    private readonly TaskCompletionSource _waits = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _flushed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _flushes;

    /// <summary>Whether every write waits until it is cancelled.</summary>
    public bool IsStuck { get; init; }

    /// <summary>Completes when a write waits.</summary>
    public Task Waits => _waits.Task;

    public string Text
    {
        get
        {
            lock (_gate)
            {
                return Encoding.UTF8.GetString(_written.ToArray());
            }
        }
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Completes when it was flushed so many times in all.</summary>
    public async Task FlushedAsync(int times)
    {
        while (true)
        {
            Task next;
            lock (_gate)
            {
                if (_flushes >= times)
                {
                    return;
                }

                next = _flushed.Task;
            }

            await next.WaitAsync(TestKit.Deadline.Default);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (IsStuck)
        {
            Task never = Task.Delay(Timeout.Infinite, cancellationToken);
            _waits.TrySetResult();
            await never;
        }

        lock (_gate)
        {
            _written.Write(buffer.Span);
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource flushed;
        lock (_gate)
        {
            _flushes++;
            flushed = _flushed;
            _flushed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        flushed.SetResult();
        return Task.CompletedTask;
    }

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
