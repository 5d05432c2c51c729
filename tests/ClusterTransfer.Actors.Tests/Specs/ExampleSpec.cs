using System.Reflection;

namespace ClusterTransfer.Actors.Tests.Specs;

public sealed class ExampleSpec
{
    /// <summary>The example in examples/ClusterTransfer.Actors.Example, on the thread pool and the real clock: about a second.</summary>
    [Fact]
    public async Task Example_RunsToItsEnd()
    {
        MethodInfo main = Assembly.Load("ClusterTransfer.Actors.Example").EntryPoint!; // it is a program
        Task<int> run = Task.Factory.StartNew(
            () => (int)main.Invoke(null, [Array.Empty<string>()])!, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.Equal(0, await run.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
    }
}
