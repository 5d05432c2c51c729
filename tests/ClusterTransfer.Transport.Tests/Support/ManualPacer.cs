using System.Threading.Channels;
using ClusterTransfer.Transport.Pacing;

namespace ClusterTransfer.Transport.Tests.Support;

/// <summary>Lets go what the test allows, one part after the other.</summary>
internal sealed class ManualPacer : IPacer
{
    private readonly Channel<int> _parts = Channel.CreateBounded<int>(64);
    private readonly Channel<int> _asked = Channel.CreateBounded<int>(64);

    public bool IsDisposed { get; private set; }

    public void Allow(int bytes) => _parts.Writer.TryWrite(bytes);

    /// <summary>What was left when it was asked next.</summary>
    public async Task<int> NextQuestionAsync() => await _asked.Reader.ReadAsync();

    public async ValueTask<int> TakeAsync(int most, CancellationToken cancellationToken)
    {
        _asked.Writer.TryWrite(most);
        return Math.Min(most, await _parts.Reader.ReadAsync(cancellationToken));
    }

    public void Dispose() => IsDisposed = true;
}
