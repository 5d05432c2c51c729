using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Records;
using ClusterTransfer.Transport.Tests.Records;
using ClusterTransfer.Transport.Tests.Support;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Tests.Connections;

/// <summary>Which layer two nodes agree on, and the way out of TLS when the other end does not keep to it.</summary>
public sealed class RecordLayerTests : IDisposable
{
    private readonly CertificateForge _forge = new(TimeProvider.System.GetUtcNow());

    public void Dispose() => _forge.Dispose();

    [Theory]
    [InlineData(RecordLayer.Sealed, RecordLayer.Sealed, "sealed by")]
    [InlineData(RecordLayer.Sealed, RecordLayer.Tls, "Tls13")]
    [InlineData(RecordLayer.Sealed, RecordLayer.Plain, "sealed by")]
    [InlineData(RecordLayer.Tls, RecordLayer.Sealed, "Tls13")]
    [InlineData(RecordLayer.Tls, RecordLayer.Tls, "Tls13")]
    [InlineData(RecordLayer.Tls, RecordLayer.Plain, "Tls13")]
    [InlineData(RecordLayer.Plain, RecordLayer.Sealed, "sealed by")]
    [InlineData(RecordLayer.Plain, RecordLayer.Tls, "Tls13")]
    [InlineData(RecordLayer.Plain, RecordLayer.Plain, "NOTHING sealed")]
    public async Task Dial_WithAnyTwoLayers_AgreesOnTheBestBothHave(RecordLayer dialler, RecordLayer listener, string agreed)
    {
        await using TestNode a = Pair.Node(_forge, "a", new DataPlaneOptions { RecordLayer = dialler });
        await using TestNode b = await Pair.Node(_forge, "b", new DataPlaneOptions { RecordLayer = listener }).ListenAsync();
        await using DataConnection atA = await a.DialAsync(b);
        await using DataConnection atB = await b.NextAcceptedAsync();
        var receivedAtA = new RecordingReceiver();
        var receivedAtB = new RecordingReceiver();
        Task<PumpEnd> runA = atA.RunAsync(receivedAtA, CancellationToken.None);
        Task<PumpEnd> runB = atB.RunAsync(receivedAtB, CancellationToken.None);

        // The end that was dialled speaks first.
        await atB.SendChunkAsync(await TestFrames.ChunkAsync(b.SendBuffers, 2, 500_000), CancellationToken.None);
        TestFrames.AssertChunk((await receivedAtA.NextAsync()).Body, 2, 500_000);
        await atA.SendChunkAsync(await TestFrames.ChunkAsync(a.SendBuffers, 1, 500_000), CancellationToken.None);
        TestFrames.AssertChunk((await receivedAtB.NextAsync()).Body, 1, 500_000);
        atA.Complete();

        Assert.Equal((PumpEndReason.Drained, PumpEndReason.PeerClosed), ((await runA.WithinDeadline()).Reason, (await runB.WithinDeadline()).Reason));
        Assert.Contains(agreed, atA.TlsVersion, StringComparison.Ordinal);
        Assert.Equal(atA.TlsVersion, atB.TlsVersion);
        Assert.Equal(agreed == "Tls13", atA.TlsVersion == "Tls13");
    }

    [Theory]
    [InlineData(RecordLayer.Sealed, "ct/1-plain")]
    [InlineData(RecordLayer.Tls, "ct/1-plain")]
    [InlineData(RecordLayer.Tls, "ct/1-sealed")]
    public async Task Listen_ForALayerThatIsNotOffered_RefusesIt(RecordLayer layer, string protocol)
    {
        await using TestNode b = await Pair.Node(_forge, "b", new DataPlaneOptions { RecordLayer = layer }).ListenAsync();
        using X509Certificate2 certificate = _forge.Leaf(new CertificateForge.Recipe { Uris = ["clustertransfer://node/a"] });

        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using RawPeer peer = await RawPeer.ConnectAsync(b, certificate, protocol: protocol);
            await peer.Tls.ReadExactlyAsync(new byte[1]).AsTask().WithinDeadline();
        });

        Assert.Equal(Reason.IdentityRefused, (await b.NextRefusedAsync()).Problem.Reason);
    }

    [Theory]
    [InlineData(RecordLayer.Sealed, "ct/1-plain")]
    [InlineData(RecordLayer.Tls, "ct/1-plain")]
    [InlineData(RecordLayer.Tls, "ct/1-sealed")]
    public async Task Dial_AListenerThatHasOnlyAnotherLayer_Fails(RecordLayer layer, string protocol)
    {
        await using TestNode a = Pair.Node(_forge, "a", new DataPlaneOptions { RecordLayer = layer });
        using X509Certificate2 certificate = _forge.Leaf(new CertificateForge.Recipe());
        using var acceptor = new RawAcceptor(certificate);
        Task<DataConnection> dialling = DialAsync(a, acceptor);

        await Assert.ThrowsAnyAsync<Exception>(() => acceptor.AcceptAsync(protocol));

        await AssertFailsAsync(dialling);
    }

    [Theory]
    [InlineData("suite none")]
    [InlineData("suite unknown")]
    [InlineData("magic")]
    [InlineData("reserved")]
    [InlineData("more behind the Hello")]
    public async Task Listen_ForAnOfferThatCannotBe_RefusesItInsideTls(string what)
    {
        await using TestNode b = await Pair.Node(_forge, "b").ListenAsync();
        using X509Certificate2 certificate = _forge.Leaf(new CertificateForge.Recipe { Uris = ["clustertransfer://node/a"] });
        await using RawPeer peer = await RawPeer.ConnectAsync(b, certificate, protocol: "ct/1-sealed");
        byte[] offer = OfferOf(what switch { "suite none" => SealSuite.None, "suite unknown" => (SealSuite)3, _ => SealSuite.Aes256Gcm });
        offer[what == "magic" ? 0 : 9] ^= (byte)(what is "magic" or "reserved" ? 1 : 0);

        await peer.SendAsync([.. offer, .. HelloOf("a"), .. what == "more behind the Hello" ? HelloOf("a") : []]);

        byte[] answer = new byte[SealAnswers.Size];
        await peer.Tls.ReadExactlyAsync(answer).AsTask().WithinDeadline();
        Assert.True(SealAnswers.TryRead(answer, out SealAnswer said));
        Assert.Equal(SealAnswer.Refused, said);
        (FrameHeader _, byte[] body) = await peer.ReadUntilAsync(FrameType.Goodbye);
        Assert.True(GoodbyeBody.TryRead(body, out GoodbyeBody? goodbye));
        Assert.Equal(Reason.ProtocolViolation, goodbye.Reason);
        Assert.Equal(Reason.ProtocolViolation, (await b.NextRefusedAsync()).Problem.Reason);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("data first")]
    [InlineData("close first")]
    [InlineData("keys of the other direction")]
    [InlineData("nothing")]
    [InlineData("still TLS")]
    public async Task Listen_ForAnythingButBeginAfterTls_RefusesIt(string what)
    {
        await using TestNode b = await Pair.Node(_forge, "b").ListenAsync();
        using X509Certificate2 certificate = _forge.Leaf(new CertificateForge.Recipe { Uris = ["clustertransfer://node/a"] });
        await using RawPeer peer = await RawPeer.ConnectAsync(b, certificate, protocol: "ct/1-sealed");
        byte[] offer = OfferOf(SealSuite.Aes256Gcm);
        await peer.SendAsync([.. offer, .. HelloOf("a")]);
        byte[] answer = new byte[SealAnswers.Size];
        await peer.Tls.ReadExactlyAsync(answer).AsTask().WithinDeadline();
        Assert.True(SealAnswers.TryRead(answer, out SealAnswer said) && said == SealAnswer.Ready);
        Assert.True(HelloBody.TryRead((await peer.ReadUntilAsync(FrameType.Hello)).Body, out HelloBody? hello));
        var context = new SealContext(
            SealSuite.Aes256Gcm, offer[16..], certificate.GetCertHash(HashAlgorithmName.SHA256), b.Plane.CertificateHash, SessionProof.ConnectionNonce(new byte[32], hello.Nonce));
        using var sealer = new RecordSealer(context, fromDialler: what != "keys of the other direction", SealLimits.Default);

        if (what == "still TLS")
        {
            await peer.SendAsync(sealer.Begin());
        }
        else if (what == "nothing")
        {
            peer.Socket.Shutdown(SocketShutdown.Send);
        }
        else
        {
            await peer.Socket.SendAsync(what switch { "garbage" => SealSamples.Text(200), "data first" => sealer.Data(), "close first" => sealer.Close(), _ => sealer.Begin() });
        }

        await b.NextRefusedAsync();
        Assert.Equal(0, b.Listener.Statistics.Open);
    }

    [Fact]
    public async Task Listen_ForADiallerThatDoesNotLeaveTls_FreesItsSlotAtTheDeadline()
    {
        ManualTime time = ManualTime.FromNow();
        await using TestNode b = await Pair.Node(_forge, "b", time: time).ListenAsync();
        using X509Certificate2 certificate = _forge.Leaf(new CertificateForge.Recipe { Uris = ["clustertransfer://node/a"] });
        await using RawPeer peer = await RawPeer.ConnectAsync(b, certificate, protocol: "ct/1-sealed");
        await peer.SendAsync([.. OfferOf(SealSuite.Aes256Gcm), .. HelloOf("a")]);
        await peer.Tls.ReadExactlyAsync(new byte[SealAnswers.Size]).AsTask().WithinDeadline();
        await peer.ReadUntilAsync(FrameType.Hello);

        time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(Reason.TimedOut, (await b.NextRefusedAsync()).Problem.Reason);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("a Hello as over TLS")]
    [InlineData("unknown answer")]
    [InlineData("refused, and a Hello")]
    [InlineData("early data inside TLS")]
    [InlineData("early data in a record of its own")]
    [InlineData("nothing")]
    public async Task Dial_AnAcceptorThatDoesNotKeepToTheDance_Fails(string what)
    {
        await using TestNode a = Pair.Node(_forge, "a");
        using X509Certificate2 certificate = _forge.Leaf(new CertificateForge.Recipe());
        using var acceptor = new RawAcceptor(certificate);
        Task<DataConnection> dialling = DialAsync(a, acceptor);
        await acceptor.AcceptAsync();
        await acceptor.HearAsync();
        byte[] hello = TestFrames.Encode(FrameType.Hello, acceptor.Hello);
        byte[] ping = TestFrames.Encode(FrameType.Ping, new PingBody(1));

        switch (what)
        {
            case "garbage": await acceptor.SendAsync(SealSamples.Text(SealAnswers.Size), hello); break;
            case "a Hello as over TLS": await acceptor.SendAsync(hello); break;
            case "unknown answer": await acceptor.SendAsync(AnswerOf((SealAnswer)3), hello); break;
            case "refused, and a Hello": await acceptor.SendAsync(AnswerOf(SealAnswer.Refused), hello); break;
            case "early data inside TLS": await acceptor.SendAsync(AnswerOf(SealAnswer.Ready), hello, ping); break;
            case "early data in a record of its own":
                // Not the next sealed record, whatever it is: it stays in the socket, where TLS does not read it any more.
                await acceptor.SendAsync(AnswerOf(SealAnswer.Ready), hello);
                await acceptor.SendAsync(ping);
                await using (DataConnection connection = await dialling)
                {
                    Assert.Equal(PumpEndReason.Reset, (await connection.RunAsync(new RecordingReceiver(), CancellationToken.None).WithinDeadline()).Reason);
                }

                return;
            default: acceptor.Socket.Shutdown(SocketShutdown.Send); break;
        }

        await AssertFailsAsync(dialling);
    }

    // The acceptor's first record arrives in one piece with its last one of TLS: nothing of it is swallowed.
    [Fact]
    public async Task Dial_AnAcceptorWhoseRecordsFollowAtOnce_LosesNothing()
    {
        await using TestNode a = Pair.Node(_forge, "a");
        using X509Certificate2 certificate = _forge.Leaf(new CertificateForge.Recipe());
        using var acceptor = new RawAcceptor(certificate);
        Task<DataConnection> dialling = DialAsync(a, acceptor);
        await acceptor.AcceptAsync();
        await acceptor.HearAsync();
        var context = new SealContext(
            acceptor.Offer.Suite, acceptor.Offer.Secret, a.Plane.CertificateHash, certificate.GetCertHash(HashAlgorithmName.SHA256),
            SessionProof.ConnectionNonce(acceptor.DiallerHello.Nonce, acceptor.Hello.Nonce));
        using var sealer = new RecordSealer(context, fromDialler: false, SealLimits.Default);

        await acceptor.SendAsync(AnswerOf(SealAnswer.Ready), TestFrames.Encode(FrameType.Hello, acceptor.Hello));
        await acceptor.Socket.SendAsync(sealer.Seal(RecordKind.Data, TestFrames.Encode(FrameType.Credit, new CreditBody(7))));
        await acceptor.Socket.SendAsync(sealer.Close());
        acceptor.Socket.Shutdown(SocketShutdown.Send);

        await using DataConnection connection = await dialling;
        var receiver = new RecordingReceiver();
        Assert.Equal(PumpEndReason.PeerClosed, (await connection.RunAsync(receiver, CancellationToken.None).WithinDeadline()).Reason);
        Assert.Equal(FrameType.Credit, (await receiver.NextAsync()).Header.Type);
    }

    // Everything after the secret is bound to who the two are: the same words between other certificates make other keys.
    [Fact]
    public async Task Dial_Twice_NeverHasTheSameSecret()
    {
        await using TestNode a = Pair.Node(_forge, "a");
        using X509Certificate2 certificate = _forge.Leaf(new CertificateForge.Recipe());
        var secrets = new List<byte[]>();
        for (int dial = 0; dial < 2; dial++)
        {
            using var acceptor = new RawAcceptor(certificate);
            Task<DataConnection> dialling = DialAsync(a, acceptor);
            await acceptor.AcceptAsync();
            await acceptor.HearAsync();
            secrets.Add(acceptor.Offer.Secret);
            acceptor.Dispose();
            await AssertFailsAsync(dialling);
        }

        Assert.NotEqual(secrets[0], secrets[1]);
        Assert.DoesNotContain(secrets, secret => Array.TrueForAll(secret, one => one == 0));
    }

    // TLS says goodbye by a record of its own; on a socket that it has left, that would be the next sealed record.
    [Fact]
    public async Task Run_UntilBothEnd_HasNothingOfTlsOnTheSocket()
    {
        await using TestNode a = Pair.Node(_forge, "a");
        await using TestNode b = await Pair.Node(_forge, "b").ListenAsync();
        await using DataConnection atA = await a.DialAsync(b);
        await using DataConnection atB = await b.NextAcceptedAsync();
        Task<PumpEnd> runA = atA.RunAsync(new RecordingReceiver(), CancellationToken.None);
        Task<PumpEnd> runB = atB.RunAsync(new RecordingReceiver(), CancellationToken.None);
        GC.Collect();   // whatever is left of TLS goes now

        atB.Complete();

        Assert.Equal(PumpEndReason.Drained, (await runB.WithinDeadline()).Reason);
        Assert.Equal(PumpEndReason.PeerClosed, (await runA.WithinDeadline()).Reason);
    }

    [Fact]
    public void Choose_PrefersAesWhereTheProcessorHasIt() => Assert.Equal(
        [SealSuite.Aes256Gcm, SealSuite.Aes256Gcm, SealSuite.ChaCha20Poly1305, SealSuite.Aes256Gcm],
        new[] { SealSuites.Choose(true, true), SealSuites.Choose(true, false), SealSuites.Choose(false, true), SealSuites.Choose(false, false) });

    private static Task<DataConnection> DialAsync(TestNode from, RawAcceptor to) =>
        new DataDialer(from.Plane).DialAsync(to.Address, new NodeId("b"), CancellationToken.None).WithinDeadline();

    private static async Task AssertFailsAsync(Task<DataConnection> dialling) =>
        Assert.Equal(Reason.NodeUnreachable, (await Assert.ThrowsAsync<ClusterTransferException>(() => dialling)).Reason);

    private static byte[] OfferOf(SealSuite suite)
    {
        byte[] offer = new byte[SealOffer.Size];
        new SealOffer(suite, SealSamples.Text(SealOffer.SecretSize)).Write(offer);
        return offer;
    }

    private static byte[] AnswerOf(SealAnswer answer)
    {
        byte[] bytes = new byte[SealAnswers.Size];
        SealAnswers.Write(answer, bytes);
        return bytes;
    }

    private static byte[] HelloOf(string name) =>
        TestFrames.Encode(FrameType.Hello, new HelloBody(1, 1, new NodeId(name), Incarnation.New(), "raw", 0, 4 * 1024 * 1024, 16, new byte[32]));
}
