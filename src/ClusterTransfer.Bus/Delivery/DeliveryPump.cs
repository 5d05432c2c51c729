using ClusterTransfer.Bus.Frames;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Bus.Delivery;

/// <summary>Calls the receiver: one thing after the other, from a bounded queue.</summary>
/// <remarks>Changes of members and of the connection are told before the messages that wait; several changes are told as one.</remarks>
internal sealed class DeliveryPump(
    BusOptions options, TimeProvider time, BusCounters counters, Func<IReadOnlyList<Member>> members, Action<BusEvent> report)
    : IAsyncDisposable
{
    private readonly BoundedQueue<BusDelivery> _queue = new(options.QueueLength, options.QueueBytes, options.MaxWaitingSends, time);
    private readonly CancellationTokenSource _stopping = new();
    private ConnectionChange? _connection;
    private int _membersChanged;
    private int _started;
    private Task _running = Task.CompletedTask;

    /// <summary>Begins; once only.</summary>
    public void Start(IBusReceiver receiver)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            throw new InvalidOperationException("The bus has a receiver already.");
        }

        ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, typeof(IMessageBus));
        _running = Task.Run(() => RunAsync(receiver));
    }

    /// <summary>Queues a message; its place is taken before this returns its task.</summary>
    public Task<EnqueueResult> EnqueueAsync(BusDelivery delivery, int bytes, TimeSpan patience, CancellationToken cancellationToken) =>
        _queue.EnqueueAsync(delivery, bytes, patience, ref counters.QueueWaits, cancellationToken);

    public void TellMembers()
    {
        Volatile.Write(ref _membersChanged, 1);
        _queue.Wake();
    }

    public void TellConnection(bool connected, Problem? problem)
    {
        Volatile.Write(ref _connection, new ConnectionChange(connected, problem));
        _queue.Wake();
    }

    /// <summary>Ends; when this completes the receiver is not called again.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _queue.Close(discard: true);
        await _running.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task RunAsync(IBusReceiver receiver)
    {
        while (await _queue.WaitToReadAsync().ConfigureAwait(false))
        {
            BusDelivery delivery;
            do
            {
                TellChanges(receiver);
                if (!_queue.TryDequeue(out delivery) || _stopping.IsCancellationRequested)
                {
                    break;
                }

                Interlocked.Increment(ref counters.Delivered);
                try
                {
                    await receiver.OnMessageAsync(delivery, _stopping.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
                {
                    return;
                }
                catch (Exception error)
                {
                    ReportFailure(delivery.From, error);
                }
            }
            while (true);
        }
    }

    private void TellChanges(IBusReceiver receiver)
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        try
        {
            if (Interlocked.Exchange(ref _connection, null) is { } change)
            {
                receiver.OnConnectionChanged(change.Connected, change.Problem);
            }

            if (Interlocked.Exchange(ref _membersChanged, 0) != 0)
            {
                receiver.OnMembersChanged(members());
            }
        }
        catch (Exception error)
        {
            ReportFailure(null, error);
        }
    }

    private void ReportFailure(NodeId? from, Exception error) => report(new BusEvent(
        BusEventKind.ReceiverFailed, from, new Problem(Reason.Unclassified, $"The receiver failed: {error.GetType().Name}: {error.Message}")));

    private sealed record ConnectionChange(bool Connected, Problem? Problem);
}
