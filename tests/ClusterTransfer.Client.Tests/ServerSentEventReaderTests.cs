using System.Text;
using ClusterTransfer.Client.Streams;

namespace ClusterTransfer.Client.Tests;

public sealed class ServerSentEventReaderTests
{
    private const string Stream = ": hello\n\nid: 1\nevent: a\ndata: {\"x\":1}\n\nevent: progress\r\ndata: one\r\ndata:two\r\n\r\nretry: 5\n\nid: x\nid: 3\ndata: \u00e9\u20ac\n\ndata: cut";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Events_AreTheSame_HoweverTheStreamIsCut(int seed)
    {
        var reader = new ServerSentEventReader(new ChoppedStream(Encoding.UTF8.GetBytes(Stream), new Random(seed)));

        Assert.Equal(
            [new ServerSentEvent(1, "a", "{\"x\":1}"), new ServerSentEvent(null, "progress", "one\ntwo"), new ServerSentEvent(3, "message", "\u00e9\u20ac")],
            await AllAsync(reader));
    }

    [Fact]
    public async Task Event_LongerThanTheFirstBuffer_IsWhole()
    {
        string data = new('x', 100_000);
        var reader = new ServerSentEventReader(new MemoryStream(Encoding.UTF8.GetBytes($"data: {data}\n\n")));

        Assert.Equal(data, Assert.Single(await AllAsync(reader)).Data);
    }

    [Theory]
    [InlineData("data: ", 40_000)]
    [InlineData("", 40_000)]
    public async Task Line_LongerThanTheLimit_Fails(string prefix, int length)
    {
        var reader = new ServerSentEventReader(new MemoryStream(Encoding.UTF8.GetBytes(prefix + new string('x', length))), maxEventBytes: 20_000);

        await Assert.ThrowsAsync<IOException>(() => AllAsync(reader));
    }

    [Fact]
    public async Task Event_OfManyLines_LongerThanTheLimit_Fails()
    {
        string lines = string.Concat(Enumerable.Repeat("data: xxxxxxxxxx\n", 3000));
        var reader = new ServerSentEventReader(new MemoryStream(Encoding.UTF8.GetBytes(lines)), maxEventBytes: 20_000);

        await Assert.ThrowsAsync<IOException>(() => AllAsync(reader));
    }

    private static async Task<List<ServerSentEvent>> AllAsync(ServerSentEventReader reader)
    {
        var events = new List<ServerSentEvent>();
        while (await reader.ReadAsync(() => TestContext.Current.CancellationToken) is { } item)
        {
            events.Add(item);
        }

        return events;
    }

    private sealed class ChoppedStream(byte[] bytes, Random random) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, random.Next(1, 8))], cancellationToken);
    }
}
