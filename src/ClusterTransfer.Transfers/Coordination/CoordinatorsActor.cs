using ClusterTransfer.Actors;
using ClusterTransfer.Bus;
using ClusterTransfer.Journal;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Control;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Transfers.Coordination;

/// <summary>What every coordinator of a hub shares.</summary>
internal sealed record CoordinationServices
{
    /// <summary>The list of transfers the API shows, and their event logs.</summary>
    public required ITransferCatalogue Catalogue { get; init; }

    /// <summary>The newest views, for the API.</summary>
    public required LiveTransfers Live { get; init; }

    /// <summary>The actor that puts messages on the bus.</summary>
    public required IActorRef Control { get; init; }

    /// <summary>Intervals.</summary>
    public required CoordinationOptions Options { get; init; }

    /// <summary>Clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Where coordinators log.</summary>
    public required ILogger Log { get; init; }
}

/// <summary>Root of the transfers of this hub: one coordinator for each that has not ended, recovered at start a bounded number at a time.</summary>
internal sealed class CoordinatorsActor : ReceiveActor, IWithTimers
{
    // A coordinator's state is its journal: after a failure it starts anew from there. One that keeps failing stops, the others go on.
    private static readonly SupervisorStrategy Coordinators = new OneForOneStrategy(5, TimeSpan.FromMinutes(1), _ => Directive.Restart);

    // A coordinator stops when its journal refuses it, for example on a full disk; it is taken up again from what was journaled.
    private static readonly TimeSpan TakeUpAgainAfter = TimeSpan.FromSeconds(5);

    private readonly CoordinationServices _services;
    private readonly HashSet<IActorRef> _retired = [];
    private readonly Queue<TransferId> _toRecover = new();
    private readonly HashSet<TransferId> _recovering = [];
    private IReadOnlyList<Member> _members = [];

    public CoordinatorsActor(CoordinationServices services)
    {
        _services = services;
        Become(Starting);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override SupervisorStrategy SupervisorStrategy() => Coordinators;

    protected override void PreStart() => _services.Catalogue.ListOpenAsync(CancellationToken.None).PipeTo(
        Self, success: ids => new CoordinationProtocol.TakeUp(ids), failure: error => new StartFailed(error));

    private void Starting()
    {
        Receive<StartFailed>(failed => throw new InvalidOperationException("The transfer journal could not be listed.", failed.Error));
        Receive<CoordinationProtocol.TakeUp>(takeUp =>
        {
            Become(Serving);
            TakeUp(takeUp.Ids);
        });
        ReceiveCommon();
    }

    private void Serving()
    {
        Receive<CoordinationProtocol.TakeUp>(takeUp => TakeUp(takeUp.Ids));
        ReceiveCommon();
    }

    private void ReceiveCommon()
    {
        Receive<CoordinationProtocol.Recovered>(recovered =>
        {
            _recovering.Remove(recovered.Id);
            RecoverSome();
        });
        Receive<CoordinationProtocol.Submit>(submit => CoordinatorOf(submit.Id, start: true)!.Forward(submit));
        Receive<CoordinationProtocol.Cancel>(cancel =>
        {
            if (CoordinatorOf(cancel.Id, start: false) is { } coordinator)
            {
                coordinator.Forward(cancel);
            }
            else
            {
                Sender.Tell(new CoordinationProtocol.Refused(new Problem(Reason.WrongState, $"Transfer {cancel.Id} has ended; it cannot be cancelled.")));
            }
        });
        Receive<CoordinationProtocol.MembersChanged>(changed =>
        {
            _members = changed.Members;
            foreach (IActorRef coordinator in Context.GetChildren())
            {
                coordinator.Tell(changed);
            }
        });
        Receive<CoordinationProtocol.FromNode>(fromNode =>
        {
            if (CoordinatorOf(fromNode.Message.TransferId, start: false) is { } coordinator)
            {
                coordinator.Tell(fromNode);
            }
            else if (!_toRecover.Contains(fromNode.Message.TransferId))
            {
                _services.Catalogue.GetAsync(fromNode.Message.TransferId, CancellationToken.None).PipeTo(
                    Self, success: transfer => new CoordinationProtocol.Looked(fromNode, transfer), failure: _ => new CoordinationProtocol.Looked(fromNode, null));
            }
        });
        Receive<CoordinationProtocol.Looked>(OnLooked);
        Receive<CoordinationProtocol.Retired>(_ =>
        {
            _retired.Add(Sender);
            Context.Stop(Sender);
        });
        Receive<Terminated>(terminated =>
        {
            if (!_retired.Remove(terminated.ActorRef) && TransferId.TryParse(terminated.ActorRef.Path.Name, null, out TransferId id))
            {
                _recovering.Remove(id);
                _services.Log.CoordinatorStopped(id.Value, TakeUpAgainAfter.TotalSeconds);
                Timers.StartSingleTimer(id, new CoordinationProtocol.TakeUp([id]), TakeUpAgainAfter);
            }
        });
    }

    private void TakeUp(IReadOnlyList<TransferId> ids)
    {
        foreach (TransferId id in ids)
        {
            _toRecover.Enqueue(id);
        }

        RecoverSome();
    }

    // A node still works for a transfer that has ended: it missed the word.
    private void OnLooked(CoordinationProtocol.Looked looked)
    {
        if (looked.Transfer is not { ExitCode: not null } ended || !TransferAddress.TryParse(ended.Destination, out TransferAddress? destination, out _))
        {
            return;
        }

        SessionRole role = looked.About.Message switch
        {
            SessionEnded message => message.Role,
            SessionProgressed message => message.Role,
            SessionOpened message => message.Role,
            SessionNoted message => message.Role,
            _ => SessionRole.Source,
        };
        _services.Control.Tell(new ControlLinkProtocol.Send(
            new BusTarget.Node(looked.About.Node),
            new OutcomeRecorded(ended.Id, looked.About.Message.Epoch, role) { TransferEnded = true, Destination = destination }));
    }

    private void RecoverSome()
    {
        while (_recovering.Count < _services.Options.Recoveries && _toRecover.TryDequeue(out TransferId id))
        {
            if (CoordinatorOf(id, start: false) is null)
            {
                _recovering.Add(id);
                CoordinatorOf(id, start: true);
            }
        }
    }

    private IActorRef? CoordinatorOf(TransferId id, bool start)
    {
        IActorRef child = Context.Child(id.Value);
        if (!child.IsNobody() || !start)
        {
            return child.IsNobody() ? null : child;
        }

        CoordinationServices services = _services;
        IActorRef coordinator = Context.Watch(Context.ActorOf(Props.Create(() => new TransferCoordinator(id, services)), id.Value));
        coordinator.Tell(new CoordinationProtocol.MembersChanged(_members));
        return coordinator;
    }

    private sealed record StartFailed(Exception Error);
}
