using ClusterTransfer.Node.Hosting;

namespace ClusterTransfer.Node.Tests.Hosting;

public sealed class WaitLimitTests
{
    // A timer's call that has begun is not waited for by its disposal; on its thread nobody catches what it throws.
    [Fact]
    public void Timer_CallsAfterTheWaitIsOver_HarmsNothing()
    {
        var time = new LateTimers();
        using (new WaitLimit(TimeSpan.FromSeconds(1), time, CancellationToken.None))
        {
        }

        Assert.NotEmpty(time.Calls);
        time.Calls.ForEach(call => call());
    }

    [Fact]
    public void Time_Passes_TheTokenFires()
    {
        var time = new LateTimers();
        using var limit = new WaitLimit(TimeSpan.FromSeconds(1), time, CancellationToken.None);
        Assert.False(limit.Token.IsCancellationRequested);

        time.Calls.ForEach(call => call());

        Assert.True(limit.Token.IsCancellationRequested);
    }

    private sealed class LateTimers : TimeProvider
    {
        public List<Action> Calls { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Calls.Add(() => callback(state));
            return new Timer();
        }

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
