using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Sessions;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>A removal that takes long is answered in parts, and each part says where the next begins.</summary>
public sealed class KeptRemovalTests
{
    private static readonly KeptKey[] Keys = [.. Enumerable.Range(0, 5).Select(_ => new KeptKey(TransferId.New(), "dst:"))];

    private readonly VirtualTime _time = new();

    [Theory]
    [InlineData(0, 5)]
    [InlineData(2, 3)]
    [InlineData(60, 1)]
    public async Task Remove_AsFarAsTheTimeReaches_SaysWhereToGoOn(int secondsEach, int reached)
    {
        ForgottenKept became = await KeptRemoval.RunAsync(
            Keys,
            _ =>
            {
                _time.Advance(TimeSpan.FromSeconds(secondsEach));
                return Task.FromResult(new ForgottenItem(10));
            },
            _time);

        Assert.Equal(Enumerable.Repeat(new ForgottenItem(10), reached), became.Items);
        if (reached == Keys.Length)
        {
            Assert.Null(became.NextCursor);
            return;
        }

        (string place, byte[] name) = KeptCursor.Read(became.NextCursor);
        Assert.Equal(("dst:", Keys[reached - 1].Transfer.Value), (place, Encoding.ASCII.GetString(name)));
    }
}
