using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Hosting;
using ClusterTransfer.Node.Tests.Api;

namespace ClusterTransfer.Node.Tests.Hosting;

public sealed class EventGapTests
{
    [Theory]
    [InlineData(0, 1, null)]
    [InlineData(7, 8, null)]
    [InlineData(0, 4, "3 older events")]
    [InlineData(5, 12, "6 older events")]
    public void Tell_OfLinesThatAreGone_SaysHowMany(long after, long first, string? told)
    {
        TransferEvent[] stored = [.. new[] { first, first + 1 }.Select(sequence => new TransferEvent(sequence, Samples.Start, "note", "n", Samples.Active(Samples.Id)))];

        IReadOnlyList<TransferEvent> read = EventGap.Tell(after, stored);

        Assert.Equal(stored, read.TakeLast(2));
        if (told is null)
        {
            Assert.Equal(2, read.Count);
        }
        else
        {
            Assert.Equal((3, first - 1, "events-dropped"), (read.Count, read[0].Sequence, read[0].Kind));
            Assert.StartsWith(told, read[0].Text, StringComparison.Ordinal);
        }
    }
}
