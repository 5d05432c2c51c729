using System.Text.Json;
using ClusterTransfer.Actors;
using ClusterTransfer.Bus;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Coordination;
using static ClusterTransfer.Transfers.Tests.Support.Samples;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>How many limits can be set for one node: its hub tells it all of them in one message.</summary>
public sealed class NodeLimitsActorTests
{
    [Fact]
    public async Task Limit_BeyondWhatOneMessageHolds_IsRefused_AndThoseBeforeAreKept()
    {
        await using var bench = new CoordinatorBench(1);
        TestProbe user = bench.Kit.CreateTestProbe("user");
        for (int i = 0; i < SetNodeLimits.Most; i++)
        {
            user.Send(bench.Hub, Wish(B, i));
            await user.ExpectMsgAsync<CoordinationProtocol.NodeLimited>();
        }

        user.Send(bench.Hub, Wish(B, SetNodeLimits.Most));
        Assert.Equal(Reason.LimitReached, (await user.ExpectMsgAsync<CoordinationProtocol.Refused>()).Problem.Reason);
        user.Send(bench.Hub, Wish(A, SetNodeLimits.Most));
        await user.ExpectMsgAsync<CoordinationProtocol.NodeLimited>();
        user.Send(bench.Hub, Wish(B, 0) with { BytesPerSecond = RateLimit.Min });   // another value for one that is set
        await user.ExpectMsgAsync<CoordinationProtocol.NodeLimited>();

        (IReadOnlyList<SetNodeLimit> limits, long version) = bench.Services.NodeLimits.Of(B);
        Assert.Equal(SetNodeLimits.Most, limits.Count);

        // As it goes over the bus: text in a message, and longer by what marks its quotation marks.
        string text = JsonSerializer.Serialize(new SetNodeLimits { Hub = Run(1), Version = version, Limits = limits }, JsonSerializerOptions.Web);
        byte[] message = JsonSerializer.SerializeToUtf8Bytes(new HubRequest(CommandId.New(), HubOperations.LimitHere, text), ControlJson.Default.BusMessage);
        Assert.InRange(message.Length, 1, new BusOptions().MaxMessageBytes / 2);
    }

    private static CoordinationProtocol.LimitNode Wish(NodeId node, int peer) => new(node, new NodeId($"{new string('n', 60)}{peer:d3}"), RateLimit.Max, Configured: false);
}
