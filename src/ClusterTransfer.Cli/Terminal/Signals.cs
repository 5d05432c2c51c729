using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace ClusterTransfer.Cli.Terminal;

/// <summary>Ctrl-C and SIGTERM as events: the first cancels <see cref="Token"/>, later ones can be waited for.</summary>
internal sealed class Signals : IDisposable
{
    // Whoever presses Ctrl-C this often does not wait for us any more: then the system's default applies.
    private const int Patience = 3;

    private readonly CancellationTokenSource _first = new();
    private readonly Channel<Signal> _later = Channel.CreateBounded<Signal>(new BoundedChannelOptions(Patience) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _count;

    /// <summary>Fires at the first signal.</summary>
    public CancellationToken Token => _first.Token;

    /// <summary>The first signal; null as long as there was none.</summary>
    public Signal? First { get; private set; }

    /// <summary>Listens to the process's signals.</summary>
    public static Signals OfProcess()
    {
        var signals = new Signals();
        signals._registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = signals.Raise(Signal.Interrupt)));
        signals._registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = signals.Raise(Signal.Terminate)));
        return signals;
    }

    /// <summary>Takes a signal. False when the process should end at once.</summary>
    public bool Raise(Signal signal)
    {
        int count = Interlocked.Increment(ref _count);
        if (count == 1)
        {
            First = signal;
            _first.Cancel();
        }
        else
        {
            _later.Writer.TryWrite(signal);
        }

        return count <= Patience;
    }

    /// <summary>The next signal after the first; null when none comes in time.</summary>
    public async Task<Signal?> NextAsync(TimeSpan within, TimeProvider time)
    {
        using var deadline = new CancellationTokenSource(within, time);
        try
        {
            return await _later.Reader.ReadAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _first.Dispose();
    }
}
