using System.Security.Cryptography;
using ClusterTransfer.Model;
using ClusterTransfer.Transport.Records;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Connections;

/// <summary>The first frame of each direction: both ends say who they are and which versions they speak. Where they agreed on it, they leave TLS with that.</summary>
internal sealed class HelloExchange
{
    private readonly SecureLink _link;
    private readonly DataPlane _plane;
    private readonly ConnectionCounters _counters = new();
    private readonly Liveness _liveness;
    private FrameReader _reader;
    private FrameWriter _writer;
    private bool _answerDue;            // before any frame, to a dialler that wants to leave TLS

    public HelloExchange(SecureLink link, DataPlane plane)
    {
        _link = link;
        _plane = plane;
        _liveness = new Liveness(plane.Time, plane.Options);
        _reader = new FrameReader(link.Stream, _liveness, _counters);
        _writer = new FrameWriter(link.Stream, _liveness, _counters);
        _answerDue = link.Layer != RecordLayer.Tls && !link.Dialled;
    }

    /// <summary>Says Hello and hears the peer's.</summary>
    public async Task<HelloOutcome> RunAsync(CancellationToken cancellationToken)
    {
        HelloBody local = _plane.NewHello();
        if (_link.Layer == RecordLayer.Tls)
        {
            await SayAsync(FrameType.Hello, local, [], cancellationToken).ConfigureAwait(false);
            return Outcome(local, await HearAsync(cancellationToken).ConfigureAwait(false));
        }

        return _link.Dialled
            ? await LeaveFirstAsync(local, cancellationToken).ConfigureAwait(false)
            : await LeaveSecondAsync(local, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells the peer why, and gives it a moment to close first.</summary>
    public async Task RefuseAsync(Problem refusal, CancellationToken cancellationToken)
    {
        byte[] answer = _answerDue ? Answer(SealAnswer.Refused) : [];
        await SayAsync(FrameType.Goodbye, new GoodbyeBody(refusal.Reason, refusal.Detail), answer, cancellationToken).ConfigureAwait(false);
        using var deadline = new CancellationTokenSource(_plane.Options.CloseTimeout, _plane.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        await _link.LingerAsync(either.Token).ConfigureAwait(false);
    }

    /// <summary>The dialler: offer and Hello, answer and Hello, and out of TLS.</summary>
    private async Task<HelloOutcome> LeaveFirstAsync(HelloBody local, CancellationToken cancellationToken)
    {
        SealOffer offer = SealOffer.New(_link.Layer);
        byte[] offered = new byte[SealOffer.Size];
        offer.Write(offered);
        await SayAsync(FrameType.Hello, local, offered, cancellationToken).ConfigureAwait(false);

        byte[] answered = new byte[SealAnswers.Size];
        int read = await _link.Stream.ReadAtLeastAsync(answered, answered.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (read < answered.Length)
        {
            return Closed();
        }

        if (!SealAnswers.TryRead(answered, out SealAnswer answer))
        {
            return OutOfTurn("answers the offer to leave TLS with something else");
        }

        (HelloBody? peer, HelloOutcome? failed) = await HearAsync(cancellationToken).ConfigureAwait(false);
        if (failed is not null)
        {
            return failed.Value;
        }

        if (answer != SealAnswer.Ready || !_reader.IsEmpty)
        {
            return OutOfTurn("speaks before its turn");
        }

        await LeaveTlsAsync(offer, SessionProof.ConnectionNonce(local.Nonce, peer!.Nonce), cancellationToken).ConfigureAwait(false);
        return Outcome(local, (peer, null));
    }

    /// <summary>The acceptor: hears all there is before it says its one word, and is silent then until the dialler has left TLS.</summary>
    private async Task<HelloOutcome> LeaveSecondAsync(HelloBody local, CancellationToken cancellationToken)
    {
        byte[] offered = new byte[SealOffer.Size];
        int read = await _link.Stream.ReadAtLeastAsync(offered, offered.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (read < offered.Length)
        {
            return Closed();
        }

        bool isKnown = SealOffer.TryRead(offered, _link.Layer, out SealOffer offer);
        CryptographicOperations.ZeroMemory(offered);   // what is read of it is cleared where it is used
        if (!isKnown)
        {
            return new HelloOutcome(null, Violation("offers to leave TLS in a way that is not known here"), IsOurs: true);
        }

        (HelloBody? peer, HelloOutcome? failed) = await HearAsync(cancellationToken).ConfigureAwait(false);
        Problem? refusal = failed is not null ? null : _reader.IsEmpty ? Judge(peer!) : Violation("speaks before its turn");
        if (failed is not null || refusal is not null)
        {
            return failed ?? new HelloOutcome(null, refusal, IsOurs: true);
        }

        await SayAsync(FrameType.Hello, local, Answer(SealAnswer.Ready), cancellationToken).ConfigureAwait(false);
        await LeaveTlsAsync(offer, SessionProof.ConnectionNonce(peer!.Nonce, local.Nonce), cancellationToken).ConfigureAwait(false);
        return Outcome(local, (peer, null));
    }

    private async Task LeaveTlsAsync(SealOffer offer, byte[] connectionNonce, CancellationToken cancellationToken)
    {
        (byte[] dialler, byte[] acceptor) = _link.Dialled
            ? (_link.LocalCertificateHash, _link.PeerCertificateHash) : (_link.PeerCertificateHash, _link.LocalCertificateHash);
        var context = new SealContext(offer.Suite, offer.Secret, dialler, acceptor, connectionNonce);
        LayerStream layer = _link.LeaveTls(
            socket => _link.Layer == RecordLayer.Plain
                ? new PlainStream(new ProgressSocket(socket, _liveness)) : new SealedStream(new ProgressSocket(socket, _liveness), context, _link.Dialled),
            offer.Suite == SealSuite.None ? "NOTHING sealed" : $"sealed by {SealSuites.NameOf(offer.Suite)}");
        CryptographicOperations.ZeroMemory(offer.Secret);
        await layer.BeginAsync(_link.Dialled, cancellationToken).ConfigureAwait(false);
        _reader = new FrameReader(_link.Stream, _liveness, _counters);
        _writer = new FrameWriter(_link.Stream, _liveness, _counters);
        _answerDue = false;
    }

    /// <summary>Says a frame, and something else inside TLS first.</summary>
    private async Task SayAsync<T>(FrameType type, T body, byte[] before, CancellationToken cancellationToken)
        where T : IFrameBody
    {
        using OutgoingFrame frame = OutgoingFrame.Control(SendPump.HeaderOf(type), body);
        if (before.Length > 0)
        {
            await _link.Stream.WriteAsync(before, cancellationToken).ConfigureAwait(false);
            CryptographicOperations.ZeroMemory(before);
        }

        await _writer.WriteAsync(frame, cancellationToken).ConfigureAwait(false);
        await _writer.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<(HelloBody? Peer, HelloOutcome? Failed)> HearAsync(CancellationToken cancellationToken)
    {
        (FrameRead read, ReadOnlyMemory<byte> body) = await _reader.ReadSmallAsync(cancellationToken).ConfigureAwait(false);
        if (read.Kind == FrameReadKind.Frame && read.Header.Type == FrameType.Goodbye && GoodbyeBody.TryRead(body.Span, out GoodbyeBody? goodbye))
        {
            return (null, new HelloOutcome(null, new Problem(goodbye.Reason, ShownText.Of(goodbye.Detail)), IsOurs: false));
        }

        if (read.Kind is FrameReadKind.EndOfStream or FrameReadKind.Truncated)
        {
            return (null, Closed());
        }

        return read.Kind == FrameReadKind.Frame && read.Header.Type == FrameType.Hello && HelloBody.TryRead(body.Span, out HelloBody? peer)
            ? (peer, null)
            : (null, new HelloOutcome(null, new Problem(
                read.Error == FrameError.BadVersion ? Reason.VersionMismatch : Reason.ProtocolViolation,
                $"Node '{_link.Peer}' sent something else than a Hello of protocol version {DataPlane.MinVersion} to {DataPlane.MaxVersion} ({read.Kind}, {read.Error})."), IsOurs: true));
    }

    private HelloOutcome Outcome(HelloBody local, (HelloBody? Peer, HelloOutcome? Failed) heard) =>
        heard.Failed is { } failed ? failed
        : Judge(heard.Peer!) is { } refusal ? new HelloOutcome(null, refusal, IsOurs: true)
        : new HelloOutcome(new HandshakeResult(local, heard.Peer!, _reader, _writer, _liveness, _counters), null, IsOurs: false);

    private HelloOutcome Closed() => new(null, new Problem(Reason.NodeUnreachable, $"Node '{_link.Peer}' closed the connection before its Hello."), IsOurs: false);

    // Whoever does not keep to this dance is told nothing: it would not listen where we speak.
    private HelloOutcome OutOfTurn(string what) => new(null, Violation(what), IsOurs: false);

    private Problem Violation(string what) => new(Reason.ProtocolViolation, $"Node '{_link.Peer}' {what}.");

    private static byte[] Answer(SealAnswer answer)
    {
        byte[] bytes = new byte[SealAnswers.Size];
        SealAnswers.Write(answer, bytes);
        return bytes;
    }

    private Problem? Judge(HelloBody peer)
    {
        if (peer.Node != _link.Peer)
        {
            return new Problem(Reason.IdentityRefused, $"The certificate is of node '{_link.Peer}', but its Hello says '{peer.Node}'.");
        }

        bool common = Math.Max(peer.MinVersion, DataPlane.MinVersion) <= Math.Min(peer.MaxVersion, DataPlane.MaxVersion);
        return common ? null : new Problem(Reason.VersionMismatch,
            $"Node '{peer.Node}' ({ShownText.Of(peer.SoftwareVersion)}) speaks protocol versions {peer.MinVersion} to {peer.MaxVersion}, "
            + $"node '{_plane.Identity.Name}' ({_plane.SoftwareVersion}) {DataPlane.MinVersion} to {DataPlane.MaxVersion}: upgrade the older one.");
    }
}
