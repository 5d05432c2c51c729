using System.Threading.Channels;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Bus.Tests;

/// <summary>Keeps what a bus delivers, and lets a test wait for it.</summary>
internal sealed class RecordingReceiver : IBusReceiver
{
    private readonly Channel<BusDelivery> _deliveries = Channel.CreateBounded<BusDelivery>(100_000);
    private readonly Awaitable<IReadOnlyList<Member>> _members = new([]);
    private readonly Awaitable<(bool Connected, Problem? Problem)> _connection = new((false, null));
    private int _inside;

    /// <summary>Awaited in every delivery; a test can hold the pump with it.</summary>
    public Func<BusDelivery, Task> OnDelivery { get; set; } = _ => Task.CompletedTask;

    /// <summary>Whether two calls were ever inside at once.</summary>
    public bool Overlapped { get; private set; }

    public async ValueTask OnMessageAsync(BusDelivery delivery, CancellationToken cancellationToken)
    {
        Overlapped |= Interlocked.Increment(ref _inside) != 1;
        try
        {
            await OnDelivery(delivery);
            await _deliveries.Writer.WriteAsync(delivery, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }

    public void OnMembersChanged(IReadOnlyList<Member> members) => _members.Set(members);

    public void OnConnectionChanged(bool connected, Problem? problem) => _connection.Set((connected, problem));

    public Task<BusDelivery> NextAsync() => _deliveries.Reader.ReadAsync().AsTask().WithinDeadline();

    public bool TryNext(out BusDelivery? delivery) => _deliveries.Reader.TryRead(out delivery);

    public Task<IReadOnlyList<Member>> WhenMembersAsync(params string[] names) => _members.WhenAsync(
        members => members.Select(member => member.Node.Value).ToHashSet().SetEquals(names));

    public async Task<Problem?> WhenConnectedAsync(bool connected) => (await _connection.WhenAsync(state => state.Connected == connected)).Problem;

    public async Task<Problem> WhenProblemAsync(Reason reason) => (await _connection.WhenAsync(state => state.Problem?.Reason == reason)).Problem!;
}

/// <summary>A value that a test can wait for.</summary>
internal sealed class Awaitable<T>(T value)
{
    private readonly Lock _lock = new();
    private readonly List<(Func<T, bool> Wanted, TaskCompletionSource<T> Done)> _waiters = [];

    public void Set(T newValue)
    {
        lock (_lock)
        {
            value = newValue;
            foreach ((Func<T, bool> Wanted, TaskCompletionSource<T> Done) waiter in _waiters.Where(waiter => waiter.Wanted(newValue)).ToList())
            {
                _waiters.Remove(waiter);
                waiter.Done.TrySetResult(newValue);
            }
        }
    }

    public Task<T> WhenAsync(Func<T, bool> wanted)
    {
        lock (_lock)
        {
            if (wanted(value))
            {
                return Task.FromResult(value);
            }

            TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((wanted, done));
            return done.Task.WithinDeadline();
        }
    }
}
