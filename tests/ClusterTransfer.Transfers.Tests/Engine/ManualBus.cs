using ClusterTransfer.Bus;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Tests.Support;

namespace ClusterTransfer.Transfers.Tests.Engine;

/// <summary>Keeps what is sent; its members are whom the test names. Delivers nothing by itself.</summary>
internal sealed class ManualBus(params IReadOnlyList<Member> members) : IMessageBus
{
    private readonly List<BusMessage> _sent = [];

    public NodeId Self => Samples.A;

    public Incarnation Incarnation => Samples.Run(1);

    public bool IsConnected => true;

    public IReadOnlyList<Member> Members { get; } = members;

    public IReadOnlyList<KnownMember> KnownMembers => [];

    /// <summary>What was sent since this was last asked.</summary>
    public IReadOnlyList<BusMessage> Sent()
    {
        BusMessage[] sent = [.. _sent];
        _sent.Clear();
        return sent;
    }

    public Task SendAsync(BusTarget to, BusMessage message, CancellationToken cancellationToken)
    {
        _sent.Add(message);
        return Task.CompletedTask;
    }

    public void Start(IBusReceiver receiver) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
