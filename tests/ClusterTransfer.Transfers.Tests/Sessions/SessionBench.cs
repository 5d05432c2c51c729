using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Compression;
using ClusterTransfer.Transfers.Chunks;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;
using SessionRole = ClusterTransfer.Model.Control.SessionRole;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>One end of a session over a real folder and real connections, with the test in the place of the other end.</summary>
internal sealed class SessionBench : IAsyncDisposable
{
    private readonly SessionsBench _sessions;
    private readonly SessionRole _role;
    private readonly TransferRequest _request;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _pumps = [];
    private IReadOnlyList<LoopbackNode> _nodes = [];
    private IActorRef _session = ActorRefs.Nobody;
    private TaskCompletionSource<DataConnection>? _accepted;
    private FrameHeader _header;

    private SessionBench(SessionOptions options, SessionRole role, TransferRequest request, CompressionServices? compression)
    {
        _sessions = new SessionsBench(options: options, compression: compression);
        _role = role;
        _request = request with { ResultName = "tree" };
    }

    public ActorTestKit Kit => _sessions.Kit;

    public string SourceFolder => _sessions.SourceFolder;

    /// <summary>What reached the other end.</summary>
    public FrameRecorder AtPeer { get; } = new();

    /// <summary>Where receive pumps hand the other end's frames to.</summary>
    public ISessionPort Port { get; private set; } = null!;

    /// <summary>The header of the session's frames.</summary>
    public FrameHeader Header => _header;

    /// <summary>What the other end says it can do; to be set before it joins.</summary>
    public HelloFeatures PeerFeatures { get; set; } = HelloFeatures.All;

    /// <summary>Stands for the connection's actor.</summary>
    public TestProbe ConnectionActor { get; private set; } = null!;

    /// <summary>Makes the bench; the folder is filled before the session scans it.</summary>
    public static SessionBench Create(
        SessionOptions options, SessionRole role = SessionRole.Source, TransferRequest? request = null, CompressionServices? compression = null) =>
        new(options, role, request ?? Samples.Request, compression);

    /// <summary>Opens the end; with a higher number a newer one in its place.</summary>
    /// <param name="session">Its number.</param>
    /// <param name="limit">How fast a source may send.</param>
    public async Task OpenAsync(uint session = 1, long? limit = null)
    {
        await _sessions.SendAsync(SessionsBench.Open(_role, session) with { Request = _request, Limit = limit });
        SessionBinding binding = _sessions.AskedOfPeers().OfType<PeerProtocol.Attach>().Single().Binding;
        Port = binding.Port;
        _session = binding.Session;
        _header = new FrameHeader(default, FrameFlags.None, binding.SessionId, binding.Epoch, default, default, 0, 0);
    }

    /// <summary>A connection to the other end joins.</summary>
    /// <param name="recorder">Records what arrives over it; <see cref="AtPeer"/> when none is given.</param>
    public async Task<ConnectionHandle> JoinAsync(FrameRecorder? recorder = null)
    {
        var accepted = new TaskCompletionSource<DataConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_nodes.Count == 0)
        {
            _nodes = LoopbackNode.Cluster(_sessions.Folder, PeerFeatures, Samples.A, Samples.B);
            ConnectionActor = Kit.CreateTestProbe("connection");
            await _nodes[1].ListenAsync(connection => _accepted!.SetResult(connection));
        }

        _accepted = accepted;
        DataConnection near = await _nodes[0].Dialer.DialAsync(_nodes[1].Address, Samples.B, CancellationToken.None).WithinDeadline();
        DataConnection far = await accepted.Task.WithinDeadline();
        _pumps.Add(near.RunAsync(new FrameRecorder(), _stopping.Token));
        _pumps.Add(far.RunAsync(recorder ?? AtPeer, _stopping.Token));
        return Join(near);
    }

    /// <summary>A connection that the test made joins, after a first real one.</summary>
    public ConnectionHandle Join(IDataConnection connection)
    {
        var handle = new ConnectionHandle(connection.Number, connection, ConnectionActor.Ref);
        _session.Tell(new ConnectionFacts.ConnectionJoined(handle));
        return handle;
    }

    /// <summary>Bytes of buffers that chunks hold on their way out.</summary>
    public long SendBytesHeld => _sessions.Services.SendBuffers.RentedBytes;

    /// <summary>How many connections the session has asked for since this was last asked, one after the other.</summary>
    public IReadOnlyList<int> Wanted() => [.. _sessions.AskedOfPeers().OfType<PeerProtocol.Want>().Select(want => want.Connections)];

    /// <summary>A connection is gone.</summary>
    public void Leave(ConnectionHandle connection) => _session.Tell(new ConnectionFacts.ConnectionLeft(connection.Number, new PumpEnd(PumpEndReason.Reset, null)));

    /// <summary>Keeps every blocking step of the node from running until released, as a disk does that takes long.</summary>
    public void HoldSteps(ManualResetEventSlim released) => _sessions.HoldSteps(released);

    /// <summary>Keeps the one worker of chunks until released.</summary>
    public void HoldChunks(ManualResetEventSlim released) => _sessions.HoldChunks(released);

    /// <summary>The process did not run for longer than it may without asking.</summary>
    public void Sleep() => _sessions.Sleep();

    /// <summary>Where the coordinator's commands go.</summary>
    public IActorRef SessionsActor => _sessions.Sessions;

    /// <summary>The coordinator says something; all that follows comes to rest.</summary>
    public Task CommandAsync(SessionMessage message) => _sessions.SendAsync(message);

    /// <summary>What a destination writes to.</summary>
    public Location Destination => _sessions.Services.Locations.Get(_request.Destination.Location);

    /// <summary>Where the transfer's result appears.</summary>
    public string ResultFolder => _sessions.ResultFolder;

    /// <summary>A dial failed.</summary>
    public void FailDial(Problem problem) => _session.Tell(new ConnectionFacts.DialFailed(problem));

    /// <summary>What the session told its coordinator since this was last asked, without passing notes.</summary>
    public IReadOnlyList<BusMessage> Told() => _sessions.Told();

    /// <summary>The notes of that kind for the event log so far, oldest first.</summary>
    public IReadOnlyList<string> Noted(string kind) => [.. _sessions.Noted().Where(note => note.Kind == kind).Select(note => note.Text)];

    /// <summary>The data of those notes.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, System.Text.Json.JsonElement>?> NotedData(string kind) =>
        [.. _sessions.Noted().Where(note => note.Kind == kind).Select(note => note.Data)];

    /// <summary>Chunks that are on their way.</summary>
    public int ChunksInFlight()
    {
        Kit.Settle();
        return Actors(Kit.Sys.Inspect()).Count(actor => actor.Type.EndsWith(nameof(ChunkActor), StringComparison.Ordinal));

        static IEnumerable<ActorSnapshot> Actors(ActorSnapshot actor) => actor.Children.SelectMany(Actors).Prepend(actor);
    }

    /// <summary>A blocking step of the session failed.</summary>
    public void FailStep(Exception error) => _session.Tell(new SessionProtocol.StepFailed("a step", error));

    /// <summary>The coordinator commands the node.</summary>
    public Task CommandAsync(object command) => _sessions.SendAsync(command);

    /// <summary>The coordinator asks for the end.</summary>
    public void Stop(StopIntent intent) => _session.Tell(new SessionProtocol.Stop(intent));

    /// <summary>Why the node must stop, once it must.</summary>
    public Task<Problem> NodeFailed => _sessions.Services.Failed.Task;

    /// <summary>The other end says something.</summary>
    public void Say(ConnectionHandle connection, FrameType type, byte[] body, uint chunk = 0, uint entry = 0) => _session.Tell(new SessionProtocol.ControlFrame(
        connection, _header with { Type = type, Chunk = new ChunkIndex(chunk), Entry = new EntryIndex(entry) }, body));

    /// <summary>The other end sends a chunk.</summary>
    public Task SendChunkAsync(ConnectionHandle connection, uint chunk, Digest digest, byte[] payload, bool packed = false) =>
        SendChunkAsync(connection, chunk, digest, payload, packed ? FrameFlags.Packed : FrameFlags.None, payload.Length);

    /// <summary>The other end sends a chunk whose payload is what its flags say it is.</summary>
    public async Task SendChunkAsync(ConnectionHandle connection, uint chunk, Digest digest, byte[] payload, FrameFlags flags, int rawLength)
    {
        bool packed = flags.HasFlag(FrameFlags.Packed);
        int prefix = ChunkPrefix.LengthOf(packed, 0);
        BufferLease body = await new BufferPool((64 * 1024) + (2 * (prefix + payload.Length))).RentAsync(prefix + payload.Length, CancellationToken.None);
        ChunkPrefix.Write(body.Memory.Span, packed, digest, []);
        payload.CopyTo(body.Memory[prefix..]);
        body.Length = prefix + payload.Length;
        await Port.OnFrameAsync(connection, _header with { Type = FrameType.Chunk, Flags = flags, Chunk = new ChunkIndex(chunk), RawLength = rawLength }, body, CancellationToken.None);
    }

    /// <summary>Lets the workers and the actors come to rest.</summary>
    public Task RestAsync() => _sessions.RestAsync();

    /// <summary>Something that is not from the other end, for example of a chunk's actor.</summary>
    public void Tell(object message, IActorRef sender) => _session.Tell(message, sender);

    /// <summary>The next frame of that kind at the other end; the actors run meanwhile, others are skipped.</summary>
    public async Task<(FrameHeader Header, byte[] Body)> NextAsync(FrameType type, FrameRecorder? recorder = null)
    {
        while (true)
        {
            Task<(FrameHeader Header, byte[] Body)> next = (recorder ?? AtPeer).NextAsync();
            await Kit.RunAsync(next);
            if ((await next).Header.Type == type)
            {
                return await next;
            }
        }
    }

    /// <summary>The next frame of each of two kinds, in whichever order they come.</summary>
    public async Task<(byte[] First, byte[] Second)> NextOfBothAsync(FrameType first, FrameType second)
    {
        byte[]? firstBody = null;
        byte[]? secondBody = null;
        while (firstBody is null || secondBody is null)
        {
            Task<(FrameHeader Header, byte[] Body)> next = AtPeer.NextAsync();
            await Kit.RunAsync(next);
            (FrameHeader header, byte[] body) = await next;
            firstBody ??= header.Type == first ? body : null;
            secondBody ??= header.Type == second ? body : null;
        }

        return (firstBody, secondBody);
    }

    /// <summary>The next manifest page at the destination.</summary>
    public async Task<(ManifestPage Page, PagePlan Plan)> NextPageAsync(FrameRecorder? recorder = null)
    {
        (_, byte[] body) = await NextAsync(FrameType.ManifestPage, recorder);
        return PageOf(body);
    }

    /// <summary>Reads the body of a page's frame.</summary>
    public static (ManifestPage Page, PagePlan Plan) PageOf(byte[] body)
    {
        Assert.True(ManifestCodec.TryDecode(body, out ManifestPage? page, out string? problem), problem);
        return (page, new PagePlan(page));
    }

    /// <summary>The destination answers a page: it holds what the test says.</summary>
    public void Answer(ConnectionHandle connection, ManifestPage page, PagePlan plan, Func<PlannedChunk, bool> isHeld)
    {
        byte[] bits = new byte[(plan.ChunkCount + 7) / 8];
        for (int i = 0; i < plan.ChunkCount; i++)
        {
            if (isHeld(plan.At(new ChunkIndex(plan.FirstChunk + (uint)i))))
            {
                bits[i / 8] |= (byte)(1 << (i % 8));
            }
        }

        foreach (HaveBitsBody part in HaveBitsBody.Split(page.Number, plan.FirstChunk, plan.ChunkCount, bits))
        {
            Say(connection, FrameType.HaveBits, part.ToArray());
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_pumps).WithinDeadline();
        await _sessions.DisposeAsync();
        foreach (LoopbackNode node in _nodes)
        {
            await node.DisposeAsync();
        }

        _stopping.Dispose();
    }
}
