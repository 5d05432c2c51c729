using System.Net.Sockets;

namespace ClusterTransfer.Transport.Connections;

/// <summary>Paces the accept loop while the system gives no connections (no file handles or memory left), and tells it at a bounded rate.</summary>
/// <remarks>Used by the accept loop alone. Whoever comes meanwhile waits in the port's backlog.</remarks>
internal sealed class AcceptPace(TimeProvider time, Action<AcceptTrouble>? onTrouble)
{
    /// <summary>The first pause; doubles up to <see cref="Longest"/> while nothing is accepted.</summary>
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest pause: when handles are free again, nobody waits longer.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>How often trouble is told at most, also when it comes and goes.</summary>
    public static readonly TimeSpan TellEvery = TimeSpan.FromMinutes(1);

    private TimeSpan _pause = First;
    private long? _toldAt;
    private bool _toldNow;
    private long _untold;
    private string _error = string.Empty;

    /// <summary>An attempt failed.</summary>
    /// <returns>How long to wait before the next.</returns>
    public TimeSpan OnFailure(SocketException error)
    {
        TimeSpan pause = _pause;
        _pause = pause < Longest / 2 ? 2 * pause : Longest;
        _untold++;
        _error = $"{error.Message} ({error.SocketErrorCode})";
        if (_toldAt is not { } told || time.GetElapsedTime(told) >= TellEvery)
        {
            _toldAt = time.GetTimestamp();
            _toldNow = true;
            Tell(pause);
        }

        return pause;
    }

    /// <summary>An attempt succeeded.</summary>
    public void OnSuccess()
    {
        _pause = First;
        if (_toldNow)
        {
            _toldNow = false;
            Tell(null);
        }
    }

    private void Tell(TimeSpan? retryIn)
    {
        long failures = _untold;
        _untold = 0;
        try
        {
            onTrouble?.Invoke(new AcceptTrouble(_error, failures, retryIn));
        }
        catch (Exception)
        {
            // Whoever listens to trouble must not end the listener.
        }
    }
}
