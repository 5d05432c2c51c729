using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Tests.Support;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Tests.Connections;

/// <summary>Rows L1, L3, N3, N12, N15 and A19 at the data port, both directions.</summary>
public sealed class HandshakeTests : IDisposable
{
    private readonly CertificateForge _forge = new(TimeProvider.System.GetUtcNow());

    public static TheoryData<string> Kinds => BadCertificates.Kinds;

    public void Dispose() => _forge.Dispose();

    [Fact]
    public async Task Dial_ANodeOfTheCluster_ConnectsBothEnds()
    {
        await using Pair pair = await Pair.OpenAsync();

        Assert.Equal((pair.B.Name, pair.A.Name), (pair.AtA.Peer, pair.AtB.Peer));
        Assert.Equal((true, false), (pair.AtA.Dialled, pair.AtB.Dialled));
        Assert.StartsWith("Tls13, sealed by ", pair.AtA.TlsVersion, StringComparison.Ordinal);
        Assert.Equal(pair.AtA.ConnectionNonce, pair.AtB.ConnectionNonce);
        Assert.Equal(pair.AtA.LocalCertificateHash.ToArray(), pair.AtB.PeerCertificateHash.ToArray());
        Assert.Equal(pair.AtB.LocalCertificateHash.ToArray(), pair.AtA.PeerCertificateHash.ToArray());
        Assert.Equal(pair.B.Plane.Incarnation, pair.AtA.PeerIncarnation);
        Assert.NotEqual(pair.AtA.Number, pair.AtB.Number);
        Assert.Equal(new ListenerStatistics(1, 0, 0, 1), pair.B.Listener.Statistics);
    }

    [Fact]
    public async Task Dial_Twice_GivesEachConnectionItsOwnNonce()
    {
        await using Pair pair = await Pair.OpenAsync();
        await using DataConnection second = await pair.A.DialAsync(pair.B);
        await using DataConnection atB = await pair.B.NextAcceptedAsync();

        Assert.NotEqual(pair.AtA.ConnectionNonce, second.ConnectionNonce);
    }

    [Fact]
    [Trait("row", "R2")]
    public async Task Dial_AListenerThatTheSystemGivesNoHandle_IsTakenOnceItDoes_AndBothAreTold()
    {
        // Arrange: the peer waits in the backlog while accepting fails, as with EMFILE; a peer that is gone already is no trouble.
        var failures = new Queue<SocketError>([SocketError.TooManyOpenSockets, SocketError.ConnectionAborted, SocketError.TooManyOpenSockets]);
        var time = new HastyTime();
        await using TestNode listener = await Pair.Node(_forge, "b", time: time).ListenAsync(
            (listening, cancellationToken) => failures.TryDequeue(out SocketError error) ? throw new SocketException((int)error) : listening.AcceptAsync(cancellationToken));
        await using TestNode dialler = Pair.Node(_forge, "a");

        // Act
        await using DataConnection connection = await dialler.DialAsync(listener);
        await using DataConnection accepted = await listener.NextAcceptedAsync();

        // Assert
        Assert.Equal([AcceptPace.First, 2 * AcceptPace.First], time.Waited);
        AcceptTrouble trouble = await listener.NextTroubleAsync();
        Assert.Equal((1L, AcceptPace.First), (trouble.Failures, trouble.RetryIn));
        Assert.Equal((1L, null), await listener.NextTroubleAsync() is { } over ? (over.Failures, over.RetryIn) : default);
        Assert.False(listener.HasMoreTrouble);
    }

    // Real, but pauses of the accept loop are over at once.
    private sealed class HastyTime : TimeProvider
    {
        public ConcurrentQueue<TimeSpan> Waited { get; } = new();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime != AcceptPace.First && dueTime != 2 * AcceptPace.First)
            {
                return base.CreateTimer(callback, state, dueTime, period);
            }

            Waited.Enqueue(dueTime);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Dial_AListenerWithABadCertificate_RefusesIt(string kind)
    {
        await using TestNode listener = await new TestNode("b", BadCertificates.Make(kind, _forge), _forge.Authority).ListenAsync();
        await using TestNode dialler = Pair.Node(_forge, "a");

        ClusterTransferException error = await Assert.ThrowsAsync<ClusterTransferException>(() => dialler.DialAsync(listener));

        Assert.Equal(Reason.IdentityRefused, error.Reason);
        await listener.NextRefusedAsync();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Listen_ForADiallerWithABadCertificate_RefusesItAndSaysWhy(string kind)
    {
        await using TestNode listener = await Pair.Node(_forge, "a").ListenAsync();
        await using var dialler = new TestNode("b", BadCertificates.Make(kind, _forge), _forge.Authority);

        ClusterTransferException error = await Assert.ThrowsAsync<ClusterTransferException>(() => dialler.DialAsync(listener));

        RefusedPeer refused = await listener.NextRefusedAsync();
        Assert.Equal(Reason.IdentityRefused, error.Reason);
        Assert.Equal(Reason.IdentityRefused, refused.Problem.Reason);
        Assert.Null(refused.Node);
        Assert.Contains(refused.Problem.Detail, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, listener.Listener.Statistics.Accepted);
    }

    [Fact]
    public async Task Listen_ForAClientWithoutACertificate_RefusesIt()
    {
        await using TestNode listener = await Pair.Node(_forge, "a").ListenAsync();
        await using RawPeer raw = await RawPeer.ConnectAsync(listener, certificate: null);

        (FrameHeader Header, byte[] Body)? answer = await raw.ReadAsync();

        Assert.Equal(FrameType.Goodbye, answer?.Header.Type);
        Assert.True(GoodbyeBody.TryRead(answer!.Value.Body, out GoodbyeBody? goodbye));
        Assert.Equal(Reason.IdentityRefused, goodbye.Reason);
        Assert.Null(await raw.ReadAsync());
        Assert.Contains("no certificate", (await listener.NextRefusedAsync()).Problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dial_WhenAnotherNodeAnswers_RefusesIt()
    {
        await using TestNode listener = await Pair.Node(_forge, "c").ListenAsync();
        await using TestNode dialler = Pair.Node(_forge, "a");

        ClusterTransferException error = await Assert.ThrowsAsync<ClusterTransferException>(
            () => new DataDialer(dialler.Plane).DialAsync(listener.Address, new NodeId("b"), CancellationToken.None).WithinDeadline());

        Assert.Equal(Reason.IdentityRefused, error.Reason);
        Assert.Contains("'c'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listen_WhenTheHelloNamesAnotherNodeThanTheCertificate_RefusesIt()
    {
        await using TestNode listener = await Pair.Node(_forge, "a").ListenAsync();
        using X509Certificate2 certificate = _forge.Leaf(new CertificateForge.Recipe());
        await using RawPeer raw = await RawPeer.GreetAsync(listener, certificate, hello => hello with { Node = new NodeId("c") });

        RefusedPeer refused = await listener.NextRefusedAsync();

        Assert.Equal(Reason.IdentityRefused, refused.Problem.Reason);
        Assert.Equal(new NodeId("b"), refused.Node);
    }

    [Fact]
    [Trait("row", "N15")]
    public async Task Listen_ForAnotherProtocolVersion_SaysGoodbyeNamingBoth()
    {
        await using TestNode listener = await Pair.Node(_forge, "a").ListenAsync();
        using X509Certificate2 certificate = _forge.Leaf(new CertificateForge.Recipe());
        await using RawPeer raw = await RawPeer.GreetAsync(listener, certificate, hello => hello with { MinVersion = 7, MaxVersion = 9 });

        (_, byte[] body) = await raw.ReadUntilAsync(FrameType.Goodbye);

        Assert.True(GoodbyeBody.TryRead(body, out GoodbyeBody? goodbye));
        Assert.Equal(Reason.VersionMismatch, goodbye.Reason);
        Assert.Contains("7 to 9", goodbye.Detail, StringComparison.Ordinal);
        Assert.Contains("1 to 1", goodbye.Detail, StringComparison.Ordinal);
        Assert.Equal(Reason.VersionMismatch, (await listener.NextRefusedAsync()).Problem.Reason);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
#pragma warning disable SYSLIB0039, CA5397 // Old versions are what is refused here.
    [InlineData(SslProtocols.Tls11)]
#pragma warning restore SYSLIB0039, CA5397
    public async Task Listen_ForOlderTls_RefusesIt(SslProtocols version)
    {
        await using TestNode listener = await Pair.Node(_forge, "a").ListenAsync();
        using X509Certificate2 certificate = _forge.Leaf(new CertificateForge.Recipe());

        await Assert.ThrowsAnyAsync<Exception>(() => RawPeer.ConnectAsync(listener, certificate, version));

        await listener.NextRefusedAsync();
        Assert.Equal(0, listener.Listener.Statistics.Accepted);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("h2")]
    public async Task Listen_ForAnotherApplicationProtocol_RefusesIt(string? protocol)
    {
        await using TestNode listener = await Pair.Node(_forge, "a").ListenAsync();
        using X509Certificate2 certificate = _forge.Leaf(new CertificateForge.Recipe());

        Exception? error = await Record.ExceptionAsync(async () =>
        {
            await using RawPeer raw = await RawPeer.ConnectAsync(listener, certificate, protocol: protocol);
            Assert.Null(await raw.ReadAsync());
        });

        Assert.True(error is null or IOException or AuthenticationException, error?.ToString());
        await listener.NextRefusedAsync();
    }

    [Fact]
    public async Task Listen_ForPlainText_RefusesIt()
    {
        await using TestNode listener = await Pair.Node(_forge, "a").ListenAsync();
        using Socket socket = await RawPeer.ConnectAsync(listener);

        await socket.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());

        await listener.NextRefusedAsync();
        await DrainAsync(socket);
    }

    [Fact]
    public async Task Dial_APlainTextServer_IsUnreachable()
    {
        using var plain = new TcpListener(IPAddress.Loopback, 0);
        plain.Start();
        Task serving = Task.Run(async () =>
        {
            using Socket socket = await plain.AcceptSocketAsync();
            await socket.SendAsync("SSH-2.0-OpenSSH\r\n"u8.ToArray());
        });
        await using TestNode dialler = Pair.Node(_forge, "a");

        ClusterTransferException error = await Assert.ThrowsAsync<ClusterTransferException>(() => new DataDialer(dialler.Plane)
            .DialAsync($"127.0.0.1:{((IPEndPoint)plain.LocalEndpoint).Port}", new NodeId("b"), CancellationToken.None).WithinDeadline());

        Assert.Equal(Reason.NodeUnreachable, error.Reason);
        await serving.WithinDeadline();
    }

    [Fact]
    public async Task Dial_AClosedPort_IsUnreachable()
    {
        await using TestNode dialler = Pair.Node(_forge, "a");
        string address;
        await using (TestNode listener = await Pair.Node(_forge, "b").ListenAsync())
        {
            address = listener.Address;
        }

        ClusterTransferException error = await Assert.ThrowsAsync<ClusterTransferException>(
            () => new DataDialer(dialler.Plane).DialAsync(address, new NodeId("b"), CancellationToken.None).WithinDeadline());

        Assert.Equal(Reason.NodeUnreachable, error.Reason);
    }

    [Fact]
    [Trait("row", "N3")]
    public async Task Dial_ASilentPort_GivesUpAtTheDeadline()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        ManualTime time = ManualTime.FromNow();
        await using TestNode dialler = Pair.Node(_forge, "a", time: time);
        Task<DataConnection> dialling = new DataDialer(dialler.Plane)
            .DialAsync($"127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}", new NodeId("b"), CancellationToken.None);
        using Socket accepted = await silent.AcceptSocketAsync();
        await accepted.ReceiveAsync(new byte[1]);   // the handshake has begun, so its deadline is armed

        time.Advance(TimeSpan.FromSeconds(5));

        ClusterTransferException error = await Assert.ThrowsAsync<ClusterTransferException>(() => dialling.WithinDeadline());
        Assert.Equal(Reason.NodeUnreachable, error.Reason);
    }

    [Fact]
    public async Task Dial_WhenCancelled_ThrowsJustThat()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using TestNode dialler = Pair.Node(_forge, "a");
        using var giveUp = new CancellationTokenSource();
        Task<DataConnection> dialling = new DataDialer(dialler.Plane)
            .DialAsync($"127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}", new NodeId("b"), giveUp.Token);

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dialling.WithinDeadline());
    }

    [Fact]
    [Trait("row", "N3")]
    public async Task Listen_ForAPeerThatIsThroughTls_HasArmedTheDeadlineBefore()
    {
        ManualTime time = ManualTime.FromNow();
        await using TestNode listener = await Pair.Node(_forge, "a", time: time).ListenAsync();
        using X509Certificate2 certificate = _forge.Leaf(new CertificateForge.Recipe());

        await using RawPeer silent = await RawPeer.ConnectAsync(listener, certificate);

        Assert.Equal(1, time.Armed);
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(Reason.TimedOut, (await listener.NextRefusedAsync()).Problem.Reason);
    }

    [Theory]
    [Trait("row", "N3")]
    [InlineData("connected")]
    [InlineData("half a record of TLS")]
    [InlineData("through TLS")]
    [InlineData("half a Hello")]
    public async Task Listen_ForASilentPeer_FreesItsSlotAtTheDeadline(string how)
    {
        // Arrange: there is one slot.
        ManualTime time = ManualTime.FromNow();
        await using TestNode listener = await Pair.Node(_forge, "a", new DataPlaneOptions { MaxUnauthenticated = 1 }, time).ListenAsync();
        await using TestNode dialler = Pair.Node(_forge, "b");
        using X509Certificate2 certificate = _forge.Leaf(new CertificateForge.Recipe());
        bool afterTls = how is "through TLS" or "half a Hello";
        using Socket? silent = afterTls ? null : await RawPeer.ConnectAsync(listener);
        await using RawPeer? silentAfterTls = afterTls ? await RawPeer.ConnectAsync(listener, certificate) : null;
        await Eventually.TrueAsync(() => time.Armed > 0, "the deadline is armed");
        await (how switch
        {
            "half a record of TLS" => silent!.SendAsync(new byte[] { 0x16, 0x03, 0x01, 0x02, 0x00, 0x01 }),
            "half a Hello" => silentAfterTls!.SendAsync(TestFrames.Encode(TestFrames.Header(FrameType.Hello, wireLength: 100), new byte[50])),
            _ => Task.CompletedTask,
        });

        // Act
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal(1, listener.Listener.Statistics.InHandshake);
        time.Advance(TimeSpan.FromSeconds(0.1));

        // Assert
        Assert.Equal(Reason.TimedOut, (await listener.NextRefusedAsync()).Problem.Reason);
        await Eventually.TrueAsync(() => listener.Listener.Statistics.InHandshake == 0, "the slot is free");
        await DrainAsync(silent ?? silentAfterTls!.Socket);
        await using DataConnection atDialler = await dialler.DialAsync(listener);
        await using DataConnection atListener = await listener.NextAcceptedAsync();
    }

    [Fact]
    [Trait("row", "N12")]
    public async Task Listen_BeyondTheCapOfAnAddress_RefusesAtOnceAndServesAgainLater()
    {
        await using TestNode listener = await Pair.Node(_forge, "a", new DataPlaneOptions { MaxUnauthenticatedPerAddress = 3 }).ListenAsync();
        await using TestNode dialler = Pair.Node(_forge, "b");
        Socket[] silent = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => RawPeer.ConnectAsync(listener)));
        await Eventually.TrueAsync(() => listener.Listener.Statistics.InHandshake == 3, "the slots are taken");

        ClusterTransferException error = await Assert.ThrowsAsync<ClusterTransferException>(() => dialler.DialAsync(listener));

        Assert.Equal(Reason.NodeUnreachable, error.Reason);
        Assert.Equal(Reason.LimitReached, (await listener.NextRefusedAsync()).Problem.Reason);
        Array.ForEach(silent, socket => socket.Dispose());
        await Eventually.TrueAsync(() => listener.Listener.Statistics.InHandshake == 0, "the slots are free");
        await using DataConnection atDialler = await dialler.DialAsync(listener);
        await using DataConnection atListener = await listener.NextAcceptedAsync();
    }

    [Fact]
    [Trait("row", "N12")]
    public async Task Listen_BeyondTheConnectionsOfAPeer_SaysSoAndTakesTheNextWhenOneCloses()
    {
        await using TestNode listener = await Pair.Node(_forge, "a", new DataPlaneOptions { MaxConnectionsPerPeer = 1 }).ListenAsync();
        await using TestNode dialler = Pair.Node(_forge, "b");
        DataConnection first = await dialler.DialAsync(listener);
        DataConnection atListener = await listener.NextAcceptedAsync();

        ClusterTransferException error = await Assert.ThrowsAsync<ClusterTransferException>(() => dialler.DialAsync(listener));

        Assert.Equal(Reason.NodeUnreachable, error.Reason);
        Assert.Contains("1 connections already", error.Message, StringComparison.Ordinal);
        await first.DisposeAsync();
        await atListener.DisposeAsync();
        await Eventually.TrueAsync(() => listener.Listener.Statistics.Open == 0, "the slot is free");
        await using DataConnection second = await dialler.DialAsync(listener);
        await using DataConnection secondAtListener = await listener.NextAcceptedAsync();
    }

    [Fact]
    public async Task Start_OnAPortInUse_NamesIt()
    {
        await using TestNode listener = await Pair.Node(_forge, "a").ListenAsync();
        await using var second = new DataListener(listener.Listener.LocalEndPoint, listener.Plane, _ => ValueTask.CompletedTask);

        ClusterTransferException error = await Assert.ThrowsAsync<ClusterTransferException>(() => second.StartAsync(CancellationToken.None));

        Assert.Contains(listener.Listener.LocalEndPoint.ToString(), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dispose_DuringAHandshake_EndsIt()
    {
        TestNode listener = await Pair.Node(_forge, "a").ListenAsync();
        using Socket socket = await RawPeer.ConnectAsync(listener);
        await Eventually.TrueAsync(() => listener.Listener.Statistics.InHandshake == 1, "the handshake is under way");

        await listener.DisposeAsync().AsTask().WithinDeadline();

        await DrainAsync(socket);
    }

    [Theory]
    [InlineData("")]
    [InlineData("host")]
    [InlineData("host:")]
    [InlineData(":7402")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("::1:7402")]
    [InlineData("ho st:1")]
    public async Task Dial_AMalformedAddress_IsAnInvalidRequest(string address)
    {
        await using TestNode dialler = Pair.Node(_forge, "a");

        ClusterTransferException error = await Assert.ThrowsAsync<ClusterTransferException>(
            () => new DataDialer(dialler.Plane).DialAsync(address, new NodeId("b"), CancellationToken.None));

        Assert.Equal(Reason.InvalidRequest, error.Reason);
    }

    /// <summary>Reads until the other end is gone, by an end or by a reset.</summary>
    private static async Task DrainAsync(Socket socket)
    {
        try
        {
            while (await socket.ReceiveAsync(new byte[1024]).WithinDeadline() > 0)
            {
                // Perhaps an alert.
            }
        }
        catch (SocketException)
        {
            // Gone as well.
        }
    }
}
