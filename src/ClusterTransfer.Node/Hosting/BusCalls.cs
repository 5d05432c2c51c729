using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ClusterTransfer.Bus;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Node.Hosting;

/// <summary>Questions to other nodes by the bus, each answered once or given up.</summary>
internal sealed class BusCalls(IMessageBus bus, TimeProvider time)
{
    /// <summary>How long an answer may take, as a rule.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    private const int MaxOpen = 256;

    private readonly ConcurrentDictionary<CommandId, TaskCompletionSource<HubReply>> _open = new();

    /// <summary>An answer arrived. One that nobody waits for any more is dropped.</summary>
    public void OnReply(HubReply reply)
    {
        if (_open.TryRemove(reply.RequestId, out TaskCompletionSource<HubReply>? waiting))
        {
            waiting.TrySetResult(reply);
        }
    }

    /// <summary>Asks and waits for the answer.</summary>
    /// <param name="target">The hub, or a node.</param>
    /// <param name="operation">One of <see cref="HubOperations"/>.</param>
    /// <param name="body">Its argument as JSON.</param>
    /// <param name="answerType">What the answer is.</param>
    /// <param name="extraWait">How long the other side may take beyond the usual; less than that when it is below zero.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ClusterTransferException">The other side's problem, or that it did not answer or is not understood.</exception>
    public async Task<TAnswer> AskAsync<TAnswer>(
        BusTarget target, string operation, string body, JsonTypeInfo<TAnswer> answerType, TimeSpan extraWait, CancellationToken cancellationToken)
        where TAnswer : class
    {
        (string who, Reason away) = target is BusTarget.Node node ? ($"Node '{node.Id}'", Reason.NodeUnreachable) : ("The hub", Reason.HubUnreachable);
        if (_open.Count >= MaxOpen)
        {
            throw new ClusterTransferException(Reason.LimitReached, $"Too many requests wait for {who} already; come again.");
        }

        var id = CommandId.New();
        var waiting = new TaskCompletionSource<HubReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        _open[id] = waiting;
        try
        {
            await bus.SendAsync(target, new HubRequest(id, operation, body), cancellationToken).ConfigureAwait(false);
            HubReply reply = await waiting.Task.WaitAsync(AnswerTimeout + extraWait, time, cancellationToken).ConfigureAwait(false);
            return reply.Problem is { } problem
                ? throw new ClusterTransferException(problem)
                : JsonSerializer.Deserialize(reply.Body ?? "null", answerType)
                    ?? throw new ClusterTransferException(Reason.VersionMismatch, $"{who} gave an empty answer.");
        }
        catch (JsonException error)
        {
            throw new ClusterTransferException(Reason.VersionMismatch, $"{who} gave an answer that is not understood; upgrade the older of the two nodes.", error);
        }
        catch (TimeoutException error)
        {
            throw new ClusterTransferException(away, $"{who} did not answer in time.", error);
        }
        finally
        {
            _open.TryRemove(id, out _);
        }
    }
}
