using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Stages;

namespace ClusterTransfer.Model.Tests.Api;

/// <summary>A list that came as JSON holds no null, whoever sent it: what reads it would fall over it later.</summary>
public sealed class ApiListTests
{
    private static readonly TransferResource Transfer = new()
    {
        Id = Samples.Id, Source = "src:x", Destination = "dst:", ResultName = "x", State = TransferState.Queued, Desired = DesiredState.Run, CreatedAt = Samples.At, Issues = [Samples.Issue],
    };

    private static readonly ActorResource Actor = new() { Path = "/user", Type = "A", State = "Active", MailboxDepth = 0, Restarts = 0 };

    private static readonly object[] Resources =
    [
        Transfer,
        new TransferPage { Items = [Transfer] },
        new TransferEvents([new TransferEvent(1, Samples.At, "accepted", "Accepted.", Transfer)]),
        new ChunksResource { Transfer = Samples.Id, Found = 1, Durable = 0, Retried = 0 },
        new QueueResource { Paused = false, RunningCount = 0, WaitingCount = 0 },
        new RetryTransfer { Files = ["a"] },
        new NodeResource { Name = new NodeId("alpha"), State = "up", Roles = ["hub"], DataAddresses = ["h:1"] },
        Actor,
        new ResourceList<ActorResource>([Actor]),
        new ResourceList<NodeResource>([]),
        new NodeLimitsResource { Node = new NodeId("alpha"), Peers = [new PeerLimitResource { Peer = new NodeId("beta") }] },
        new ResourceList<NodeLimitsResource>([]),
        new ResourceList<LocationResource>([]),
        new ResourceList<ConnectionReport>([]),
        new ResourceList<ProblemKindResource>([]),
        new KeptPage { Items = [] },
        new ForgetKept([]),
        new ForgottenKept([]),
        new BottleneckResource(Stage.Read, 1, Samples.At, [new StageShare(Stage.Read, 1)]),
    ];

    public static TheoryData<string, string> Lists()
    {
        var lists = new TheoryData<string, string>();
        foreach (Type type in Known())
        {
            foreach (PropertyInfo list in ListsOf(type))
            {
                lists.Add(type.ToString(), JsonNamingPolicy.CamelCase.ConvertName(list.Name));
            }
        }

        return lists;
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public void List_WithANull_IsRefused(string type, string list)
    {
        object resource = Assert.Single(Resources, resource => resource.GetType().ToString() == type);
        JsonObject json = JsonSerializer.SerializeToNode(resource, resource.GetType(), ApiJson.Default)!.AsObject();
        Assert.NotNull(JsonSerializer.Deserialize(json.ToJsonString(), resource.GetType(), ApiJson.Default));

        json[list] = new JsonArray((JsonNode?)null);

        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json.ToJsonString(), resource.GetType(), ApiJson.Default));
    }

    // All that the context is asked for, and what that holds.
    private static HashSet<Type> Known()
    {
        var found = new HashSet<Type>();
        var open = new Queue<Type>(typeof(ApiJson).GetCustomAttributesData()
            .Where(attribute => attribute.AttributeType == typeof(JsonSerializableAttribute))
            .Select(attribute => (Type)attribute.ConstructorArguments[0].Value!));
        while (open.TryDequeue(out Type? type))
        {
            if (type.Assembly == typeof(ApiJson).Assembly && !type.IsEnum && found.Add(type))
            {
                foreach (PropertyInfo property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
                {
                    open.Enqueue(typeof(IEnumerable).IsAssignableFrom(property.PropertyType) && property.PropertyType.IsGenericType
                        ? property.PropertyType.GetGenericArguments()[^1]
                        : property.PropertyType);
                }
            }
        }

        return found;
    }

    private static IEnumerable<PropertyInfo> ListsOf(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property =>
        property.PropertyType.IsGenericType && property.PropertyType.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) && property.PropertyType.GetGenericArguments()[0].IsClass);
}
