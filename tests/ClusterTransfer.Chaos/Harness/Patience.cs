namespace ClusterTransfer.Chaos.Harness;

/// <summary>Waiting for what other processes do: asked again and again until a deadline, which only decides how a broken build is reported.</summary>
internal static class Patience
{
    /// <summary>For a whole transfer, on a machine that has other things to do.</summary>
    public static readonly TimeSpan Transfer = TimeSpan.FromSeconds(120);

    /// <summary>For a process to start or end.</summary>
    public static readonly TimeSpan Process = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns once the condition holds.</summary>
    /// <param name="what">Named in the failure, for example "node beta is ready".</param>
    /// <param name="deadline">How long it may take.</param>
    /// <param name="condition">Asked again and again; what it throws ends the wait.</param>
    public static async Task UntilAsync(string what, TimeSpan deadline, Func<Task<bool>> condition)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > deadline)
            {
                throw new ChaosException($"Not within {deadline.TotalSeconds:0} s: {what}.");
            }

            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The same for a condition that needs no waiting itself.</summary>
    public static Task UntilAsync(string what, TimeSpan deadline, Func<bool> condition) =>
        UntilAsync(what, deadline, () => Task.FromResult(condition()));
}
