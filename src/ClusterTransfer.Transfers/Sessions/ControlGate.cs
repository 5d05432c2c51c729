using ClusterTransfer.Actors;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>Bounds the control frames of one session that are copied and not yet dealt with: a peer that sends more is not read until there is a place again.</summary>
/// <remarks>A frame keeps its place until the actor, or the step it asked for, is done with it. At most 8 MiB of small frames and 8 of pages.</remarks>
internal sealed class ControlGate
{
    /// <summary>Frames of up to 64 KiB.</summary>
    public const int MaxFrames = 128;

    /// <summary>Manifest pages, of up to 1 MiB; an honest source has at most as many without an answer as it works on.</summary>
    public const int MaxPages = 8;

    // Let everybody through who waits when the session ends: more than there can be connections.
    private const int Everybody = 1 << 20;

    private readonly SemaphoreSlim _frames = new(MaxFrames);
    private readonly SemaphoreSlim _pages = new(MaxPages);
    private volatile bool _isClosed;

    /// <summary>Waits for a place. Null once the session has ended: the frame is dropped.</summary>
    public async ValueTask<ControlPlace?> EnterAsync(FrameType type, CancellationToken cancellationToken)
    {
        SemaphoreSlim places = type == FrameType.ManifestPage ? _pages : _frames;
        if (!_isClosed)
        {
            await places.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        return _isClosed ? null : new ControlPlace(places);
    }

    /// <summary>Hands a copy of a frame to the session's actor once it has a place. Owns the body.</summary>
    public async ValueTask PassAsync(
        IActorRef session, ConnectionHandle connection, FrameHeader header, BufferLease body, CancellationToken cancellationToken)
    {
        using BufferLease owned = body;
        if (await EnterAsync(header.Type, cancellationToken).ConfigureAwait(false) is { } place)
        {
            session.Tell(new SessionProtocol.ControlFrame(connection, header, body.Memory.Span[..body.Length].ToArray(), place));
        }
    }

    /// <summary>The session ends: nobody waits any more, other sessions of the same connections go on.</summary>
    public void Close()
    {
        if (!_isClosed)
        {
            _isClosed = true;
            _frames.Release(Everybody);
            _pages.Release(Everybody);
        }
    }
}

/// <summary>A control frame's place in a <see cref="ControlGate"/>.</summary>
internal sealed class ControlPlace(SemaphoreSlim places)
{
    private int _left;

    /// <summary>The frame is dealt with. Called once or more, by any thread.</summary>
    public void Leave()
    {
        if (Interlocked.Exchange(ref _left, 1) == 0)
        {
            places.Release();
        }
    }
}
