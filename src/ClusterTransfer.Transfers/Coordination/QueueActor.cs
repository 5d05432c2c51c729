using ClusterTransfer.Actors;
using ClusterTransfer.Actors.Persistence;
using ClusterTransfer.Journal;
using ClusterTransfer.Model;

namespace ClusterTransfer.Transfers.Coordination;

/// <summary>Keeps the one wish that counts for all transfers of a hub beside their own: that they hold. Journaled, so that it survives a restart.</summary>
internal sealed class QueueActor : ReceivePersistentActor
{
    private readonly CoordinationServices _services;
    private bool _isPaused;
    private DateTimeOffset? _since;

    public QueueActor(CoordinationServices services)
    {
        _services = services;
        RecoverAny(happened =>
        {
            if (happened is RecoveryCompleted)
            {
                Announce();
            }
            else
            {
                Apply(happened);
            }
        });
        Become(Serving);
    }

    public override string PersistenceId => "queue";

    // It is tried again all the same: a hub whose database is exchanged under it, or a row that is mended, needs no restart.
    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        base.OnRecoveryFailure(reason, message);
        if (reason is JournalFormatException damage)
        {
            _services.Queue.NoteDamage(damage.Problem);
        }
    }

    private void Serving()
    {
        Command<CoordinationProtocol.PauseQueue>(_ => Wish(isPaused: true, new TransferEvents.QueuePaused(_services.Time.GetUtcNow())));
        Command<CoordinationProtocol.ResumeQueue>(_ => Wish(isPaused: false, new TransferEvents.QueueResumed(_services.Time.GetUtcNow())));
    }

    // A wish that is there already is answered like one that is new: a client may repeat it after a lost answer.
    private void Wish(bool isPaused, object happened)
    {
        IActorRef replyTo = Sender;
        if (_isPaused == isPaused)
        {
            Context.Parent.Tell(CoordinationProtocol.QueueWished.Instance, replyTo);
            return;
        }

        Persist(happened, wish =>
        {
            Apply(wish);
            Announce();
            Context.Parent.Tell(CoordinationProtocol.QueueWished.Instance, replyTo);
        });
    }

    private void Apply(object happened) => (_isPaused, _since) = happened switch
    {
        TransferEvents.QueuePaused paused => (true, paused.At),
        TransferEvents.QueueResumed resumed => (false, resumed.At),
        _ => throw new InvalidOperationException($"The queue has no event of type {happened.GetType().Name}."),
    };

    private void Announce()
    {
        _services.Queue.Set(new QueueWish(_isPaused, _since));
        Context.Parent.Tell(CoordinationProtocol.QueueChanged.Instance);
    }
}
