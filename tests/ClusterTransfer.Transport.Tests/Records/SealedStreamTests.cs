using System.Net.Sockets;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Records;
using ClusterTransfer.Transport.Tests.Support;

namespace ClusterTransfer.Transport.Tests.Records;

/// <summary>Sealed records on a socket: sizes, ends, truncation, and what counts as a sign of life.</summary>
public sealed class SealedStreamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Read_OfWritesOfAnySize_GivesTheSameBytesBothWays(int seed)
    {
        using SocketPair sockets = await SocketPair.OpenAsync();
        var limits = new SealLimits(Records: 5);
        using SealedStream dialler = Stream(sockets.Dialler, dialled: true, limits);
        using SealedStream acceptor = Stream(sockets.Acceptor, dialled: false, limits);

        await Task.WhenAll(
            SendAsync(dialler, seed, dialled: true), ReceiveAsync(acceptor, seed, dialled: false)).WithinDeadline();
        await Task.WhenAll(SendAsync(acceptor, seed, dialled: false), ReceiveAsync(dialler, seed, dialled: true)).WithinDeadline();
    }

    // The stream is cut behind each of its bytes: only the whole of it, with its close record, is an end.
    [Fact]
    public async Task Read_OfAStreamThatIsCut_IsNoEnd()
    {
        byte[] whole;
        using (var sealer = new RecordSealer(SealSamples.Context(), fromDialler: true, SealLimits.Default))
        {
            whole = [.. sealer.Begin(), .. sealer.Data(5, 1), .. sealer.Data(7, 2), .. sealer.Close()];
        }

        byte[] text = [.. SealSamples.Text(5, 1), .. SealSamples.Text(7, 2)];
        for (int cut = 0; cut <= whole.Length; cut++)
        {
            using SocketPair sockets = await SocketPair.OpenAsync();
            using SealedStream reader = Stream(sockets.Acceptor, dialled: false);
            await sockets.Dialler.SendAsync(whole.AsMemory(0, cut));
            sockets.Dialler.Shutdown(SocketShutdown.Send);
            using var got = new MemoryStream();

            Task reading = Task.Run(async () =>
            {
                await reader.BeginAsync(dialled: false, CancellationToken.None);
                await reader.CopyToAsync(got);
            });

            if (cut < whole.Length)
            {
                await Assert.ThrowsAsync<IOException>(() => reading.WithinDeadline());
                Assert.True(text.AsSpan().StartsWith(got.ToArray()));
            }
            else
            {
                await reading.WithinDeadline();
                Assert.Equal(text, got.ToArray());
            }
        }
    }

    [Theory]
    [InlineData(RecordHeader.MaxLength + 1, 1)]
    [InlineData(int.MaxValue, 1)]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    public async Task Read_OfALengthThatCannotBe_EndsWithoutWaitingForTheRest(int length, byte kind)
    {
        using SocketPair sockets = await SocketPair.OpenAsync();
        using SealedStream reader = Stream(sockets.Acceptor, dialled: false);
        using var sealer = new RecordSealer(SealSamples.Context(), fromDialler: true, SealLimits.Default);
        byte[] header = new byte[RecordHeader.Size];
        new RecordHeader(length, (RecordKind)kind, 0).Write(header);
        await sockets.Dialler.SendAsync((byte[])[.. sealer.Begin(), .. header]);

        await reader.BeginAsync(dialled: false, CancellationToken.None);

        await Assert.ThrowsAsync<IOException>(() => reader.ReadAsync(new byte[10]).AsTask().WithinDeadline());
    }

    [Fact]
    public async Task Read_BehindADamagedRecord_NeverGoesOn()
    {
        using SocketPair sockets = await SocketPair.OpenAsync();
        using SealedStream reader = Stream(sockets.Acceptor, dialled: false);
        using var sealer = new RecordSealer(SealSamples.Context(), fromDialler: true, SealLimits.Default);
        byte[] begin = sealer.Begin();
        byte[] bad = sealer.Data();
        bad[^1] ^= 1;
        await sockets.Dialler.SendAsync((byte[])[.. begin, .. bad, .. sealer.Data()]);
        await reader.BeginAsync(dialled: false, CancellationToken.None);

        await Assert.ThrowsAsync<IOException>(() => reader.ReadAsync(new byte[1000]).AsTask().WithinDeadline());
        await Assert.ThrowsAsync<IOException>(() => reader.ReadAsync(new byte[1000]).AsTask().WithinDeadline());
    }

    [Fact]
    public async Task End_AfterAWriteThatBrokeOff_SaysNothing()
    {
        using SocketPair sockets = await SocketPair.OpenAsync(bufferBytes: 8 * 1024);
        using SealedStream writer = Stream(sockets.Dialler, dialled: true);
        using SealedStream reader = Stream(sockets.Acceptor, dialled: false);
        using var cancel = new CancellationTokenSource();
        await writer.BeginAsync(dialled: true, CancellationToken.None);
        await reader.BeginAsync(dialled: false, CancellationToken.None);
        Task stuck = writer.WriteAsync(new byte[16 << 20], cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stuck.WithinDeadline());

        await writer.EndAsync(CancellationToken.None);
        await Assert.ThrowsAsync<IOException>(() => writer.WriteAsync(new byte[1]).AsTask().WithinDeadline());
        sockets.Dialler.Shutdown(SocketShutdown.Send);

        await Assert.ThrowsAsync<IOException>(() => reader.CopyToAsync(System.IO.Stream.Null).WithinDeadline());
    }

    // One record on a link of 4 KiB in 10 s takes ten minutes; each part of it is a sign of life.
    [Fact]
    public async Task Read_OfARecordThatComesSlowly_IsProgressAllTheTime()
    {
        using SocketPair sockets = await SocketPair.OpenAsync();
        var time = new ManualTime();
        var liveness = new Liveness(time, new DataPlaneOptions());
        using var reader = new SealedStream(new ProgressSocket(sockets.Acceptor, liveness), SealSamples.Context(), dialled: false);
        using var sealer = new RecordSealer(SealSamples.Context(), fromDialler: true, SealLimits.Default);
        await sockets.Dialler.SendAsync(sealer.Begin());
        await reader.BeginAsync(dialled: false, CancellationToken.None);
        byte[] record = sealer.Data(RecordHeader.MaxLength);
        byte[] text = new byte[RecordHeader.MaxLength];
        Task<int> reading = reader.ReadAsync(text).AsTask();

        foreach (byte[] part in record.Chunk(new DataPlaneOptions().ProgressBytes))
        {
            Assert.Contains(Pass(time, liveness, TimeSpan.FromSeconds(10)), new[] { LivenessVerdict.Alive, LivenessVerdict.PingDue });
            await sockets.Dialler.SendAsync(part);
            if (part.Length == new DataPlaneOptions().ProgressBytes)
            {
                await Eventually.TrueAsync(() => liveness.ReceivedAt == time.GetTimestamp(), "a part is progress");
            }
        }

        Assert.Equal(text.Length, await reading.WithinDeadline());
        Assert.Equal(SealSamples.Text(RecordHeader.MaxLength), text);
        Assert.Equal(LivenessVerdict.PeerSilent, Pass(time, liveness, TimeSpan.FromSeconds(15)));
    }

    [Fact]
    public async Task Write_OfARecordThatIsTakenSlowly_IsProgressAllTheTime()
    {
        using SocketPair sockets = await SocketPair.OpenAsync(bufferBytes: 8 * 1024);
        var time = new ManualTime();
        var liveness = new Liveness(time, new DataPlaneOptions());
        using var writer = new SealedStream(new ProgressSocket(sockets.Dialler, liveness), SealSamples.Context(), dialled: true);
        Task writing = writer.WriteAsync(new byte[RecordHeader.MaxLength]).AsTask();
        byte[] taken = new byte[1024];
        int left = RecordHeader.MaxLength + RecordHeader.Overhead;
        int steps = 0;

        // What was said before the clock moved is not mistaken for progress: time stamps grow.
        while (!writing.IsCompleted)
        {
            Assert.Contains(Pass(time, liveness, TimeSpan.FromSeconds(10), peerSpeaks: true), new[] { LivenessVerdict.Alive, LivenessVerdict.PingDue });
            while (!writing.IsCompleted && liveness.WriteProgressAt != time.GetTimestamp())
            {
                left -= await sockets.Acceptor.ReceiveAsync(taken.AsMemory(0, Math.Min(taken.Length, left))).AsTask().WithinDeadline();
                await Task.Yield();
            }

            steps++;
        }

        await writing.WithinDeadline();
        Assert.InRange(steps, 5, int.MaxValue);

        // And when it takes no more, that is seen within the usual time.
        Task stuck = writer.WriteAsync(new byte[RecordHeader.MaxLength]).AsTask();
        Assert.Equal(LivenessVerdict.PeerNotReading, Pass(time, liveness, TimeSpan.FromSeconds(15), peerSpeaks: true));
        sockets.Dialler.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => stuck.WithinDeadline());
    }

    private static LivenessVerdict Pass(ManualTime time, Liveness liveness, TimeSpan span, bool peerSpeaks = false)
    {
        LivenessVerdict verdict = LivenessVerdict.Alive;
        for (TimeSpan passed = TimeSpan.Zero; passed < span && verdict is LivenessVerdict.Alive or LivenessVerdict.PingDue; passed += liveness.CheckPeriod)
        {
            time.Advance(liveness.CheckPeriod);
            if (peerSpeaks)
            {
                liveness.FrameReceived();
            }

            verdict = liveness.Check();
        }

        return verdict;
    }

    // One look at the clock before and one after; what the sockets look at does not lie between the two.
    [Fact]
    public async Task Sealing_AndOpening_AreCountedByRecord()
    {
        using SocketPair sockets = await SocketPair.OpenAsync();
        using SealedStream dialler = Stream(sockets.Dialler, dialled: true, time: new TickingTime());
        using SealedStream acceptor = Stream(sockets.Acceptor, dialled: false, time: new TickingTime());

        await dialler.BeginAsync(dialled: true, CancellationToken.None);
        Task writing = dialler.WriteAsync(new byte[2 * RecordHeader.MaxLength]).AsTask();
        await acceptor.BeginAsync(dialled: false, CancellationToken.None).AsTask().WithinDeadline();
        await acceptor.ReadExactlyAsync(new byte[2 * RecordHeader.MaxLength]).AsTask().WithinDeadline();
        await writing.WithinDeadline();

        Assert.Equal((3 * TickingTime.Tick, TimeSpan.Zero), (dialler.Sealing, dialler.Opening));
        Assert.Equal((TimeSpan.Zero, 3 * TickingTime.Tick), (acceptor.Sealing, acceptor.Opening));
    }

    private static SealedStream Stream(Socket socket, bool dialled, SealLimits? limits = null, TimeProvider? time = null) =>
        new(new ProgressSocket(socket, new Liveness(time ?? TimeProvider.System, new DataPlaneOptions())), SealSamples.Context(), dialled, limits);

    private static readonly int[] s_sizes = [1, 38, 70, 16 * 1024, RecordHeader.MaxLength - 1, RecordHeader.MaxLength, RecordHeader.MaxLength + 1, 1_000_000];

    private static async Task SendAsync(SealedStream stream, int seed, bool dialled)
    {
        if (dialled)
        {
            await stream.BeginAsync(dialled, CancellationToken.None);
        }

        var random = new Random(seed);
        for (int write = 0; write < 24; write++)
        {
            await stream.WriteAsync(SealSamples.Text(s_sizes[random.Next(s_sizes.Length)], write));
        }

        await stream.EndAsync(CancellationToken.None);
    }

    private static async Task ReceiveAsync(SealedStream stream, int seed, bool dialled)
    {
        if (!dialled)
        {
            await stream.BeginAsync(dialled, CancellationToken.None);
        }

        var random = new Random(seed);
        byte[] expected = [.. Enumerable.Range(0, 24).SelectMany(write => SealSamples.Text(s_sizes[random.Next(s_sizes.Length)], write))];
        byte[] got = new byte[expected.Length + 1];
        int at = 0;
        int read;
        do
        {
            read = await stream.ReadAsync(got.AsMemory(at, Math.Min(got.Length - at, random.Next(4) == 0 ? random.Next(1, 1000) : RecordHeader.MaxLength)));
            at += read;
        }
        while (read > 0);

        Assert.Equal(expected.Length, at);
        Assert.True(expected.AsSpan().SequenceEqual(got.AsSpan(0, at)));
        Assert.Equal(0, await stream.ReadAsync(got));
    }
}
