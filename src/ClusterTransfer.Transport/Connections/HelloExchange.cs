using ClusterTransfer.Model;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Connections;

/// <summary>The first frame of each direction: both ends say who they are and which versions they speak.</summary>
internal sealed class HelloExchange
{
    private readonly SecureLink _link;
    private readonly DataPlane _plane;
    private readonly ConnectionCounters _counters = new();
    private readonly Liveness _liveness;
    private readonly FrameReader _reader;
    private readonly FrameWriter _writer;

    public HelloExchange(SecureLink link, DataPlane plane)
    {
        _link = link;
        _plane = plane;
        _liveness = new Liveness(plane.Time, plane.Options);
        _reader = new FrameReader(link.Stream, _liveness, _counters);
        _writer = new FrameWriter(link.Stream, _liveness, _counters);
    }

    /// <summary>Says Hello and hears the peer's.</summary>
    public async Task<HelloOutcome> RunAsync(CancellationToken cancellationToken)
    {
        HelloBody local = _plane.NewHello();
        using (OutgoingFrame hello = OutgoingFrame.Control(SendPump.HeaderOf(FrameType.Hello), local))
        {
            await _writer.WriteAsync(hello, cancellationToken).ConfigureAwait(false);
            await _writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        (FrameRead read, ReadOnlyMemory<byte> body) = await _reader.ReadSmallAsync(cancellationToken).ConfigureAwait(false);
        if (read.Kind == FrameReadKind.Frame && read.Header.Type == FrameType.Goodbye && GoodbyeBody.TryRead(body.Span, out GoodbyeBody? goodbye))
        {
            return new HelloOutcome(null, new Problem(goodbye.Reason, ShownText.Of(goodbye.Detail)), IsOurs: false);
        }

        if (read.Kind is FrameReadKind.EndOfStream or FrameReadKind.Truncated)
        {
            return new HelloOutcome(null, new Problem(Reason.NodeUnreachable, $"Node '{_link.Peer}' closed the connection before its Hello."), IsOurs: false);
        }

        HelloBody? peer = null;
        bool isHello = read.Kind == FrameReadKind.Frame && read.Header.Type == FrameType.Hello && HelloBody.TryRead(body.Span, out peer);
        Problem? refusal = isHello ? Judge(peer!) : new Problem(
            read.Error == FrameError.BadVersion ? Reason.VersionMismatch : Reason.ProtocolViolation,
            $"Node '{_link.Peer}' sent something else than a Hello of protocol version {DataPlane.MinVersion} to {DataPlane.MaxVersion} ({read.Kind}, {read.Error}).");
        return refusal is null
            ? new HelloOutcome(new HandshakeResult(local, peer!, _reader, _writer, _liveness, _counters), null, IsOurs: false)
            : new HelloOutcome(null, refusal, IsOurs: true);
    }

    /// <summary>Tells the peer why, and gives it a moment to close first.</summary>
    public async Task RefuseAsync(Problem refusal, CancellationToken cancellationToken)
    {
        using OutgoingFrame goodbye = OutgoingFrame.Control(SendPump.HeaderOf(FrameType.Goodbye), new GoodbyeBody(refusal.Reason, refusal.Detail));
        await _writer.WriteAsync(goodbye, cancellationToken).ConfigureAwait(false);
        await _writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        using var deadline = new CancellationTokenSource(_plane.Options.CloseTimeout, _plane.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        await _link.LingerAsync(either.Token).ConfigureAwait(false);
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
