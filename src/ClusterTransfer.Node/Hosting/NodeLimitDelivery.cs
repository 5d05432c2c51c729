using System.Collections.Concurrent;
using System.Text.Json;
using ClusterTransfer.Bus;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Engine;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Node.Hosting;

/// <summary>Tells nodes which of their limits are set, when they register and after each change, until they have answered; and keeps what they said holds.</summary>
internal sealed class NodeLimitDelivery : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    // A message may be lost. What is said here takes a node no time, and does no harm when it is said twice.
    private static readonly TimeSpan LessThanUsual = TimeSpan.FromSeconds(1) - BusCalls.AnswerTimeout;

    // An answer comes at once or not at all; who waits for one hears meanwhile that it is not in force yet.
    private static readonly TimeSpan ShortWait = TimeSpan.FromSeconds(2);

    private readonly TransferEngine _engine;
    private readonly IMessageBus _bus;
    private readonly BusCalls _calls;
    private readonly Incarnation _hub;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<NodeId, Told> _told = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<NodeId, Task> _telling = [];     // guarded by _lock

    public NodeLimitDelivery(TransferEngine engine, IMessageBus bus, BusCalls calls, Incarnation hub, TimeProvider time, ILogger log)
    {
        (_engine, _bus, _calls, _hub, _time, _log) = (engine, bus, calls, hub, time, log);
        engine.NodeLimitBook.Changed += TellAll;
    }

    /// <summary>Nodes came or went.</summary>
    public void OnMembersChanged() => TellAll();

    public void Dispose()
    {
        _engine.NodeLimitBook.Changed -= TellAll;
        _stopping.Cancel();
    }

    /// <summary>Waits a short while until the node has said that what is set holds.</summary>
    public async Task<NodeLimitsResource> SettleAsync(NodeId node, CancellationToken cancellationToken)
    {
        try
        {
            if (_bus.Members.Any(member => member.Node == node && Knows(member)))
            {
                await Tell(node).WaitAsync(ShortWait, _time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (TimeoutException)
        {
            // What it shows below says that it is not in force yet.
        }

        return Of(node);
    }

    /// <summary>What a node said that holds, or what is set while it has not said so.</summary>
    public NodeLimitsResource Of(NodeId node)
    {
        (IReadOnlyList<SetNodeLimit> set, long version) = _engine.NodeLimitBook.Of(node);
        Member? member = _bus.Members.FirstOrDefault(one => one.Node == node);
        Told? told = _told.GetValueOrDefault(node);
        if (told is not null && told.Version == version && (member is null || told.Incarnation == member.Incarnation))
        {
            return told.Limits with { InForce = member is not null };
        }

        SetNodeLimit? all = set.FirstOrDefault(one => one.Peer is null);
        return new NodeLimitsResource
        {
            Node = node,
            Limit = all?.Limit,
            Origin = all is null ? LimitOrigin.Configuration : LimitOrigin.Set,
            Peers = [.. set.Where(one => one.Peer is not null).Select(one => new PeerLimitResource { Peer = one.Peer!.Value, Limit = one.Limit, Origin = LimitOrigin.Set })],   // looked at just before
        };
    }

    /// <summary>Of every node that can be limited or is.</summary>
    public IReadOnlyList<NodeLimitsResource> All() =>
        [.. _bus.Members.Where(Knows).Select(member => member.Node).Union(_engine.NodeLimitBook.Nodes).OrderBy(node => node.Value, StringComparer.Ordinal).Select(Of)];

    /// <summary>Whether a node holds to what it is told.</summary>
    public static bool Knows(Member member) => member.Abilities.Contains(MemberAbilities.NodeLimits);

    private void TellAll()
    {
        foreach (Member member in _bus.Members.Where(Knows))
        {
            _ = Tell(member.Node);
        }
    }

    // One task for each node, which goes on until it has nothing new to say.
    private Task Tell(NodeId node)
    {
        lock (_lock)
        {
            return _telling.TryGetValue(node, out Task? running) ? running : _telling[node] = Task.Run(() => TellAsync(node));
        }
    }

    private async Task TellAsync(NodeId node)
    {
        try
        {
            while (Next(node) is var (member, toSay))
            {
                try
                {
                    NodeLimitsResource answer = node == _bus.Self
                        ? _engine.LimitHere(toSay)
                        : await _calls.AskAsync(
                            new BusTarget.Node(node), HubOperations.LimitHere, JsonSerializer.Serialize(toSay, HubCallsJson.Default.SetNodeLimits), ApiJson.Default.NodeLimitsResource,
                            LessThanUsual, _stopping.Token).ConfigureAwait(false);

                    // What it says of others is not its business.
                    _told[node] = new Told(member.Incarnation, toSay.Version, answer with { Node = node });
                }
                catch (ClusterTransferException error)
                {
                    _log.NodeNotLimited(node.Value, error.Problem.Detail);
                    await Task.Delay(RetryPause, _time, _stopping.Token).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The hub stops; its next run tells the node again.
        }
        catch (Exception error)
        {
            // The top of this task: the next change of members or limits begins another.
            _log.NodeNotTold(node.Value, error);
            lock (_lock)
            {
                _telling.Remove(node);
            }
        }
    }

    // That there is nothing new, and that this task ends, is one step: a change that comes after it begins another.
    private (Member Member, SetNodeLimits ToSay)? Next(NodeId node)
    {
        lock (_lock)
        {
            if (_bus.Members.FirstOrDefault(member => member.Node == node && Knows(member)) is { } member && ToSay(member) is { } toSay)
            {
                return (member, toSay);
            }

            _telling.Remove(node);
            return null;
        }
    }

    private SetNodeLimits? ToSay(Member member)
    {
        (IReadOnlyList<SetNodeLimit> limits, long version) = _engine.NodeLimitBook.Of(member.Node);
        return !_engine.NodeLimitBook.IsKnown || (_told.TryGetValue(member.Node, out Told? told) && told.Incarnation == member.Incarnation && told.Version == version)
            ? null
            : new SetNodeLimits { Hub = _hub, Version = version, Limits = limits };
    }

    private sealed record Told(Incarnation Incarnation, long Version, NodeLimitsResource Limits);
}
