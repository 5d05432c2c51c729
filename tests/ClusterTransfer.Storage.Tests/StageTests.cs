using ClusterTransfer.Model.Stages;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Outgoing;
using ClusterTransfer.Storage.Tests.Incoming;
using ClusterTransfer.Storage.Tests.Outgoing;
using ClusterTransfer.TestKit;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests;

/// <summary>How long chunks are read, hashed and written is counted, with one look at the clock for each and one at the end, whatever is in the chunk.</summary>
public sealed class StageTests
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(3);

    private readonly TickingTime _time = new();
    private readonly StageClock _clock;

    public StageTests() => _clock = new StageClock(_time);

    [Theory]
    [InlineData(1)]
    [InlineData(300)]   // packed
    public void Read_OfAChunk_CountsReadingAndHashing(int files)
    {
        using var fixture = new OutgoingFixture();
        for (int i = 0; i < files; i++)
        {
            File.WriteAllBytes(fixture.Files[$"f{i}"], OutgoingFixture.Random(files == 1 ? OutgoingFixture.ChunkSize : 100, i));
        }

        using OutgoingTransfer transfer = fixture.Open(options: OutgoingFixture.Options with { Stages = _clock });
        OutgoingFixture.Scan(transfer);
        PlannedChunk chunk = Assert.Single(OutgoingFixture.Chunks(transfer));
        long looks = _time.Looks;

        Assert.Null(transfer.ReadChunk(chunk, new byte[OutgoingFixture.ChunkSize]).Problem);

        Assert.Equal(3, _time.Looks - looks);
        Assert.Equal((TickingTime.Tick, TickingTime.Tick), (Spent(ChunkPhase.Read), Spent(ChunkPhase.Hash)));
        Assert.Equal(0, _clock.Inside(ChunkPhase.Read) + _clock.Inside(ChunkPhase.Hash));
    }

    [Fact]
    public void Read_ThatFails_LeavesNothingBehind()
    {
        using var fixture = new OutgoingFixture();
        File.WriteAllBytes(fixture.Files["f"], OutgoingFixture.Random(OutgoingFixture.ChunkSize));
        using OutgoingTransfer transfer = fixture.Open(options: OutgoingFixture.Options with { Stages = _clock });
        OutgoingFixture.Scan(transfer);
        PlannedChunk chunk = Assert.Single(OutgoingFixture.Chunks(transfer));
        File.Delete(fixture.Files["f"]);

        Assert.NotNull(transfer.ReadChunk(chunk, new byte[OutgoingFixture.ChunkSize]).Problem);

        Assert.Equal((TickingTime.Tick, TimeSpan.Zero), (Spent(ChunkPhase.Read), Spent(ChunkPhase.Hash)));
        Assert.Equal(0, _clock.Inside(ChunkPhase.Read));
    }

    [Theory]
    [InlineData("tree/d/large", 1)]
    [InlineData("tree/a", 0)]
    public void Write_ToASlowDisk_CountsAsWriting(string path, int own)
    {
        using var to = new Destination();
        ManualSource source = ManualSource.Tree();
        var taken = new List<string>();
        using IncomingTransfer transfer = to.Open(to.Options with
        {
            Stages = _clock,
            FaultPoint = point =>
            {
                if (point == "d5.before" && taken.Count == 0)
                {
                    taken.Add(point);
                    _time.Take(Slow);
                }
            },
        });
        source.SendManifest(transfer);
        PlannedChunk chunk = own == 1 ? source.ChunksOf(path)[0] : source.Wanted(transfer).First(wanted => wanted.IsPacked);

        Assert.Equal(ChunkWriteOutcome.Stored, source.Write(transfer, chunk).Outcome);

        Assert.Equal((TickingTime.Tick, TickingTime.Tick + Slow), (Spent(ChunkPhase.Verify), Spent(ChunkPhase.Write)));
        Assert.Equal(0, _clock.Inside(ChunkPhase.Verify) + _clock.Inside(ChunkPhase.Write));
    }

    [Fact]
    public void Write_OfADamagedChunk_IsOnlyVerified()
    {
        using var to = new Destination();
        ManualSource source = ManualSource.Tree();
        using IncomingTransfer transfer = to.Open(to.Options with { Stages = _clock });
        source.SendManifest(transfer);
        PlannedChunk chunk = source.ChunksOf("tree/d/large")[0];

        Assert.Equal(ChunkWriteOutcome.Corrupt, transfer.WriteChunk(chunk.Index, source.Read(chunk).Digest, [], new byte[chunk.Length]).Outcome);

        Assert.Equal((TickingTime.Tick, TimeSpan.Zero), (Spent(ChunkPhase.Verify), Spent(ChunkPhase.Write)));
        Assert.Equal(0, _clock.Inside(ChunkPhase.Verify));
    }

    private TimeSpan Spent(ChunkPhase phase)
    {
        var spent = new TimeSpan[Enum.GetValues<ChunkPhase>().Length];
        _clock.Read(spent);
        return spent[(int)phase];
    }
}
