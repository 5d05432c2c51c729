using ClusterTransfer.Actors.Persistence;

namespace ClusterTransfer.Actors.Tests.Persistence;

/// <summary>A persistent sum: the smallest actor with all features.</summary>
public sealed class Account : ReceivePersistentActor
{
    private readonly string _id;
    private readonly IActorRef _probe;
    private readonly List<int> _amounts = [];
    private bool _frozen;

    public Account(string id, IActorRef probe)
    {
        _id = id;
        _probe = probe;
        Recover<Added>(Apply);
        Recover<SnapshotOffer>(offer => _amounts.AddRange((int[])offer.Snapshot));
        Recover<RecoveryCompleted>(_ => _probe.Tell($"recovered {Sum} {LastSequenceNr} {IsRecovering}"));
        Command<Add>(add => Persist(new Added(add.Amount), added =>
        {
            Apply(added);
            Sender.Tell($"added {added.Amount} {Sum}");
        }));
        Command<AddAll>(add => PersistAll(add.Amounts.Select(amount => new Added(amount)), added =>
        {
            Apply(added);
            Sender.Tell($"added {added.Amount} {Sum}");
        }));
        Command<AddLazily>(add =>
        {
            PersistAsync(new Added(add.Amount), added =>
            {
                Apply(added);
                Sender.Tell($"stored {added.Amount}");
            });
            Sender.Tell($"accepted {add.Amount}");
        });
        Command<AddThenDefer>(add =>
        {
            PersistAsync(new Added(add.Amount), added =>
            {
                Apply(added);
                Sender.Tell($"stored {added.Amount}");
            });
            DeferAsync("deferred", Sender.Tell);
        });
        Command<AddNested>(add => Persist(new Added(add.Amount), outer =>
        {
            Apply(outer);
            Persist(new Added(add.Amount * 10), inner =>
            {
                Apply(inner);
                Sender.Tell($"nested {Sum}");
            });
        }));
        CommandAsync<AddAfter>(async add =>
        {
            await add.Gate;
            Persist(new Added(add.Amount), added =>
            {
                Apply(added);
                Sender.Tell($"added {added.Amount} {Sum}");
            });
        });
        Command<AddAndFail>(add =>
        {
            Persist(new Added(add.Amount), Apply);
            throw new BoomException("command");
        });
        Command<AddAndFailInHandler>(add => Persist(new Added(add.Amount), added =>
        {
            Apply(added);
            throw new BoomException("handler");
        }));
        Command<string>(text => text == "snapshot", _ => SaveSnapshot(_amounts.ToArray()));
        Command<string>(text => text == "delete snapshots", _ => DeleteSnapshots(SnapshotSelectionCriteria.Latest));
        Command<string>(text => text == "freeze", _ => Become(Frozen));
        Command<string>(text => text == "fail", _ => throw new BoomException("asked"));
        Command<string>(text => text == "get", _ => Sender.Tell(Sum));
        Command<SaveSnapshotSuccess>(done => _probe.Tell($"saved {done.Metadata.SequenceNr}"));
        Command<SaveSnapshotFailure>(failed => _probe.Tell($"not saved {failed.Cause.Message}"));
        Command<DeleteSnapshotsSuccess>(_ => _probe.Tell("deleted"));
    }

    public override string PersistenceId => _id;

    private int Sum => _amounts.Sum();

    private void Frozen()
    {
        Command<string>(text => text == "get", _ => Sender.Tell(Sum));
        CommandAny(_ =>
        {
            _frozen = true;
            Sender.Tell($"frozen {_frozen}");
        });
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
        _probe.Tell($"persist failed {cause.GetType().Name} {sequenceNr}");

    protected override void OnRecoveryFailure(Exception reason, object? message = null) =>
        _probe.Tell($"recovery failed {reason.GetType().Name} {message?.GetType().Name}");

    private void Apply(Added added)
    {
        if (added.Amount == 666) { throw new BoomException("cursed event"); }
        _amounts.Add(added.Amount);
    }

    public sealed record Added(int Amount);

    public sealed record Add(int Amount);

    public sealed record AddAll(int[] Amounts);

    public sealed record AddLazily(int Amount);

    public sealed record AddThenDefer(int Amount);

    public sealed record AddNested(int Amount);

    public sealed record AddAfter(int Amount, Task Gate);

    public sealed record AddAndFail(int Amount);

    public sealed record AddAndFailInHandler(int Amount);
}
