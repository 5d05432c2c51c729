using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Coordination;
using ClusterTransfer.Transfers.Tests.Support;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>What counts as progress, and which time counts.</summary>
public sealed class ProgressWatchTests
{
    private static readonly ProgressPolicy Policy = new() { Bytes = 1000, Within = TimeSpan.FromSeconds(60) };

    private readonly VirtualTime _time = new();
    private readonly ProgressWatch _watch;
    private bool _sourceBusy;
    private bool _destinationBusy;
    private int _connections = 4;
    private long _bytes;
    private TransferProgress _source = new();
    private TransferProgress _destination = new();

    public ProgressWatchTests()
    {
        _watch = new ProgressWatch(_time);
        _watch.Begin(Policy);
    }

    [Fact]
    public void Nothing_Moves_StallsAfterTheTime()
    {
        Pass(59);
        Assert.False(_watch.IsStalled);

        Pass(2);

        Assert.True(_watch.IsStalled);
    }

    [Fact]
    public void Bytes_Trickle_StallsAllTheSame()
    {
        // 10 bytes a second: 600 in the time that must bring 1000.
        Pass(61, bytesEachSecond: 10);

        Assert.True(_watch.IsStalled);
    }

    [Fact]
    public void Bytes_JustFastEnough_NeverStall()
    {
        Pass(600, bytesEachSecond: 17);

        Assert.False(_watch.IsStalled);
    }

    [Theory]
    [InlineData("source")]
    [InlineData("destination")]
    [InlineData("connections")]
    public void Time_InWhichItIsNoWonder_IsNotCounted(string excuse)
    {
        Pass(30);
        (_sourceBusy, _destinationBusy, _connections) = (excuse == "source", excuse == "destination", excuse == "connections" ? 0 : 4);
        Pass(600);
        (_sourceBusy, _destinationBusy, _connections) = (false, false, 4);
        Pass(28);
        Assert.False(_watch.IsStalled);

        Pass(4);

        Assert.True(_watch.IsStalled);
    }

    [Fact]
    public void Reports_Missing_CountForAMomentOnly()
    {
        Pass(30);

        // The hub was frozen, or the bus away.
        _time.Advance(TimeSpan.FromHours(1));
        Pass(20);

        Assert.False(_watch.IsStalled);
    }

    [Theory]
    [InlineData("published")]
    [InlineData("scanned")]
    public void Counts_ThatGrowWithoutBytes_AreProgress(string which)
    {
        for (int i = 1; i <= 10; i++)
        {
            Pass(40);
            _destination = _destination with { FilesPublished = which == "published" ? i : 0 };
            _source = _source with { EntriesFound = which == "scanned" ? i : 0 };
            Pass(1);
        }

        Assert.False(_watch.IsStalled);
    }

    [Fact]
    public void Session_Begins_CountsAnew()
    {
        Pass(50);

        _watch.Begin(Policy);
        Pass(50);

        Assert.False(_watch.IsStalled);
    }

    private void Pass(int seconds, long bytesEachSecond = 0)
    {
        for (int i = 0; i < seconds; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _bytes += bytesEachSecond;
            _watch.Note(new SessionProgressed(Samples.Id, new Epoch(1, 1), SessionRole.Source, _source with { Connections = _connections }) { Busy = _sourceBusy });
            _watch.Note(new SessionProgressed(Samples.Id, new Epoch(1, 1), SessionRole.Destination, _destination with { Connections = _connections })
            {
                Busy = _destinationBusy, BytesArrived = _bytes,
            });
        }
    }
}
