using ClusterTransfer.Actors;
using ClusterTransfer.Bus;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Compression;
using ClusterTransfer.Transfers.Control;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Transfers.Work;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Pacing;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>The sessions of one node over real folders, with the test in the place of the coordinator and of the connections.</summary>
internal sealed class SessionsBench : IAsyncDisposable
{
    private const int StepThreads = 2;

    // Of its own: while a process does not run none of its timers does, and the kit's clock fires them all.
    private readonly VirtualTime _life = new();

    public static readonly Incarnation Self = Samples.Run(1);

    private readonly TestFolder _folder = new();
    private readonly TestProbe _control;
    private readonly TestProbe _peers;
    private readonly List<BusMessage> _told = [];
    private readonly List<SessionNoted> _noted = [];

    public SessionsBench(int seed = 1, SessionOptions? options = null, CompressionServices? compression = null)
    {
        Kit = new ActorTestKit(new ActorTestOptions { Seed = seed });
        _control = Kit.CreateTestProbe("control");
        _peers = Kit.CreateTestProbe("peers");
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_folder.Create("src"), "tree")).FullName, "a.txt"), "hello");
        Services = new SessionServices
        {
            Incarnation = Self,
            Locations = LocationSet.Open(
            [
                new LocationOptions(new LocationName("src"), _folder["src"], ReadOnly: true),
                new LocationOptions(new LocationName("dst"), _folder.Create("dst"), ReadOnly: false),
            ]),
            OutgoingFolder = _folder.Create("outgoing"),
            ChunkWorkers = new WorkerPool("chunk", 1, 8),
            StepWorkers = new WorkerPool("step", StepThreads, 64),
            SendBuffers = new BufferPool(8 * 1024 * 1024),
            Compression = compression ?? new CompressionServices(),
            Limits = new SendLimits(Kit.Time),
            Directory = new SessionDirectory(),
            Control = _control.Ref,
            Peers = _peers.Ref,
            Options = options ?? new SessionOptions(),
            Life = new LifeWatch(_life, (options ?? new SessionOptions()).LongestGap),
            Time = Kit.Time,
            Log = NullLogger.Instance,
        };
        SessionServices services = Services;
        Sessions = Kit.Sys.ActorOf(Props.Create(() => new SessionsActor(services)), "sessions");
    }

    public ActorTestKit Kit { get; }

    public SessionServices Services { get; }

    public IActorRef Sessions { get; }

    /// <summary>The folder that is copied; it holds a.txt.</summary>
    public string SourceFolder => _folder["src", "tree"];

    public TestFolder Folder => _folder;

    /// <summary>Where the transfer's result appears.</summary>
    public string ResultFolder => _folder["dst", "in", "tree"];

    public string StagingFolder => _folder["dst", ".clustertransfer", Samples.Id.Value];

    public string OutgoingFolder => _folder["outgoing", Samples.Id.Value];

    public static OpenSession Open(SessionRole role, uint session, Incarnation? target = null) => new(Samples.Id, new Epoch(1, session))
    {
        CommandId = CommandId.New(),
        SessionId = new SessionId(100 + session),
        Role = role,
        Target = target ?? Self,
        Peer = role == SessionRole.Source ? Samples.B : Samples.A,
        PeerDataAddresses = [],
        Secret = new byte[32],
        Request = Samples.Request with { ResultName = "tree" },
    };

    public static StopSession Cancel(uint session) => new(Samples.Id, new Epoch(1, session), CommandId.New(), StopIntent.Cancel) { Destination = Samples.Request.Destination };

    public static OutcomeRecorded Recorded(SessionRole role, uint session, bool transferEnded) => new(Samples.Id, new Epoch(1, session), role)
    {
        TransferEnded = transferEnded,
        Destination = Samples.Request.Destination,
    };

    /// <summary>Sends a command and lets all that follows come to rest, the steps on the workers included.</summary>
    public async Task SendAsync(object command)
    {
        Sessions.Tell(command);
        await RestAsync();
    }

    /// <summary>The process did not run for longer than it may without asking.</summary>
    public void Sleep() => _life.Advance(2 * Services.Options.LongestGap);

    /// <summary>Keeps the one worker of chunks until released.</summary>
    public void HoldChunks(ManualResetEventSlim released) => _ = Services.ChunkWorkers.RunAsync(
        () =>
        {
            released.Wait();
            return true;
        },
        CancellationToken.None);

    public void HoldSteps(ManualResetEventSlim released)
    {
        for (int thread = 0; thread < StepThreads; thread++)
        {
            _ = Services.StepWorkers.RunAsync(
                () =>
                {
                    released.Wait();
                    return true;
                },
                CancellationToken.None);
        }
    }

    /// <summary>Waits for the workers and the actors to come to rest.</summary>
    public async Task RestAsync()
    {
        await Kit.SettleAsync(waitForTasks: true);

        // A step whose end is queued behind another is known to the kernel; one that a session gives while this waits is caught by the second round.
        await Services.StepWorkers.RunAsync(() => true, CancellationToken.None).WithinDeadline();
        await Kit.SettleAsync(waitForTasks: true);
    }

    /// <summary>What the sessions told their coordinator since this was last asked, without passing notes.</summary>
    public IReadOnlyList<BusMessage> Told()
    {
        ReadControl();
        BusMessage[] told = [.. _told];
        _told.Clear();
        return told;
    }

    /// <summary>The same of any transfer.</summary>
    public IReadOnlyList<BusMessage> ToldOfAny()
    {
        Kit.Settle();
        List<BusMessage> told = [];
        while (_control.HasMessages)
        {
            told.Add(_control.ExpectMsg<ControlLinkProtocol.Send>().Message);
        }

        return told;
    }

    /// <summary>The notes for the event log so far.</summary>
    public IReadOnlyList<SessionNoted> Noted()
    {
        ReadControl();
        return _noted;
    }

    public T ToldOnce<T>()
        where T : BusMessage => Assert.IsType<T>(Assert.Single(Told()));

    /// <summary>What the sessions asked of the connections.</summary>
    public IReadOnlyList<object> AskedOfPeers()
    {
        Kit.Settle();
        List<object> asked = [];
        while (_peers.HasMessages)
        {
            asked.Add(_peers.ReceiveOne());
        }

        return asked;
    }

    public async ValueTask DisposeAsync()
    {
        await Kit.DisposeAsync();
        Services.StepWorkers.Dispose();
        Services.ChunkWorkers.Dispose();
        Services.Locations.Dispose();
        _folder.Dispose();
    }

    private void ReadControl()
    {
        Kit.Settle();
        while (_control.HasMessages)
        {
            var send = _control.ExpectMsg<ControlLinkProtocol.Send>();
            Assert.Equal(new BusTarget.Coordinator(Samples.Id), send.To);
            if (send.Message is SessionNoted noted)
            {
                _noted.Add(noted);
            }
            else
            {
                _told.Add(send.Message);
            }
        }
    }
}
