using System.Net.Sockets;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Tests.Support;

namespace ClusterTransfer.Transport.Tests.Connections;

/// <summary>Row R2: while the system gives no connections the listener waits ever longer, and says so at a bounded rate.</summary>
public sealed class AcceptPaceTests
{
    private static readonly SocketException NoHandles = new((int)SocketError.TooManyOpenSockets);

    private readonly ManualTime _time = new();
    private readonly List<AcceptTrouble> _told = [];
    private readonly AcceptPace _pace;

    public AcceptPaceTests() => _pace = new AcceptPace(_time, _told.Add);

    [Fact]
    public void Failure_AgainAndAgain_WaitsLongerUpToALimit_AndFromTheStartAfterASuccess()
    {
        TimeSpan[] pauses = [.. Enumerable.Range(0, 8).Select(_ => _pace.OnFailure(NoHandles))];
        _pace.OnSuccess();

        Assert.Equal([100, 200, 400, 800, 1600, 3200, 5000, 5000], pauses.Select(pause => pause.TotalMilliseconds));
        Assert.Equal(AcceptPace.First, _pace.OnFailure(NoHandles));
    }

    [Fact]
    public void Failure_ForMinutes_IsToldOnceAMinuteWithWhatWasNotTold()
    {
        for (int second = 0; second < 150; second++)
        {
            _pace.OnFailure(NoHandles);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        _pace.OnSuccess();

        Assert.Equal([1, 60, 60, 29], _told.Select(told => told.Failures));
        Assert.Equal([false, false, false, true], _told.Select(told => told.RetryIn is null));
        Assert.All(_told, told => Assert.Contains(nameof(SocketError.TooManyOpenSockets), told.Error, StringComparison.Ordinal));
    }

    [Fact]
    public void Trouble_ThatComesAndGoes_IsToldAtMostOnceAMinute()
    {
        for (int i = 0; i < 59; i++)
        {
            _pace.OnFailure(NoHandles);
            _pace.OnSuccess();
            _pace.OnSuccess();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(2, _told.Count);
    }

    [Fact]
    public void Listener_OfTroubleThatThrows_DoesNotEndTheLoop() =>
        Assert.Equal(AcceptPace.First, new AcceptPace(_time, _ => throw new InvalidOperationException("The log is full.")).OnFailure(NoHandles));
}
