using System.Diagnostics;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Transport.Tests.Support;

/// <summary>Waits for something that sockets do in their own time.</summary>
internal static class Eventually
{
    public static async Task TrueAsync(Func<bool> condition, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Deadline.Default, $"Not within the deadline: {what}.");
            await Task.Delay(5);
        }
    }
}
