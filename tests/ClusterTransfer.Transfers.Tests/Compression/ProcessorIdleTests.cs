using ClusterTransfer.Transfers.Compression;

namespace ClusterTransfer.Transfers.Tests.Compression;

/// <summary>Idle processors by <c>/proc/stat</c>.</summary>
public sealed class ProcessorIdleTests
{
    [Fact]
    public void Look_BetweenTwoReadings_IsTheIdleShareOfAllProcessors()
    {
        Queue<string?> lines = new(["cpu  100 0 100 800 0 0 0 0 0 0", "cpu  130 0 120 840 10 0 0 0 7 7", "cpu  230 0 120 840 10 0 0 0 7 7"]);
        var idle = new ProcessorIdle(lines.Dequeue);

        Assert.Equal(0, idle.Look());
        Assert.Equal(Environment.ProcessorCount * 0.5, idle.Look(), 0.001);
        Assert.Equal(0, idle.Look());
    }

    [Fact]
    public void Look_RightAfterAnother_GivesTheSameAnswer()
    {
        Queue<string?> lines = new(["cpu  100 0 100 800 0 0 0 0", "cpu  150 0 100 850 0 0 0 0", "cpu  152 0 100 850 0 0 0 0"]);
        var idle = new ProcessorIdle(lines.Dequeue);
        idle.Look();

        Assert.Equal(Environment.ProcessorCount * 0.5, idle.Look(), 0.001);
        Assert.Equal(Environment.ProcessorCount * 0.5, idle.Look(), 0.001);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("cpu0 1 2 3 4 5 6")]
    [InlineData("cpu 1 2 x 4 5 6")]
    [InlineData("cpu 1 2 3")]
    public void Look_OfWhatCannotBeRead_IsNone(string? line)
    {
        var idle = new ProcessorIdle(() => line);

        Assert.Equal(0, idle.Look());
        Assert.Equal(0, idle.Look());
    }

    [Fact]
    public void Look_OfThisMachine_IsWithinItsProcessors()
    {
        var idle = new ProcessorIdle();
        idle.Look();

        Assert.InRange(idle.Look(), 0, Environment.ProcessorCount);
    }
}
