using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Model.Tests.Control;

public sealed class ControlJsonTests
{
    public static TheoryData<string> Types => [.. Samples.BusMessages.Select(message => message.GetType().Name)];

    [Fact]
    public void Samples_CoverEveryMessage()
    {
        // The closed list, and every concrete message of the assembly: neither may know one that the other does not.
        Type[] listed = [.. typeof(BusMessage).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(attribute => attribute.DerivedType)];
        Type[] existing = [.. typeof(BusMessage).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(BusMessage)) && !type.IsAbstract)];
        Assert.Equal(existing.Select(type => type.Name).Order(), listed.Select(type => type.Name).Order());
        Assert.Equal(existing.Select(type => type.Name).Order(), Samples.BusMessages.Select(message => message.GetType().Name).Order());
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Message_RoundTrips(string type)
    {
        BusMessage message = Samples.BusMessages.Single(sample => sample.GetType().Name == type);
        string json = JsonSerializer.Serialize(message, ControlJson.Default.BusMessage);
        BusMessage? back = JsonSerializer.Deserialize(json, ControlJson.Default.BusMessage);

        // Records with lists compare them by reference, so what is written again is compared.
        Assert.Equal(message.GetType(), back?.GetType());
        Assert.Equal(json, JsonSerializer.Serialize(back, ControlJson.Default.BusMessage));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Message_EveryPropertyIsWritten(string type)
    {
        BusMessage message = Samples.BusMessages.Single(sample => sample.GetType().Name == type);
        JsonObject json = JsonNode.Parse(JsonSerializer.Serialize(message, ControlJson.Default.BusMessage))!.AsObject();
        string[] expected = [.. message.GetType().GetProperties().Where(property => property.Name != "EqualityContract").Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)), "type"];
        Assert.Equal(expected.Order(), json.Select(property => property.Key).Order());
    }

    [Theory]
    [InlineData(nameof(OpenSession), "peerDataAddresses")]
    [InlineData(nameof(SessionProgressed), "connections")]
    [InlineData(nameof(SessionEnded), "issues")]
    public void Message_WithNullInAList_IsRefused(string type, string list)
    {
        BusMessage message = Samples.BusMessages.Single(sample => sample.GetType().Name == type);
        JsonObject json = JsonNode.Parse(JsonSerializer.Serialize(message, ControlJson.Default.BusMessage))!.AsObject();
        json[list]!.AsArray().Add((JsonNode?)null);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json.ToJsonString(), ControlJson.Default.BusMessage));
    }

    [Theory]
    [InlineData("read", "-0.001")]
    [InlineData("away", "65536.5")]
    [InlineData("network", "1e400")]
    [InlineData("flush", "-1e400")]
    [InlineData("opening", "1.01")]
    [InlineData("blocked", "-1")]
    [InlineData("blocked", "\"NaN\"")]
    [InlineData("write", "null")]
    [InlineData("list", "{}")]
    public void Stages_OutOfRange_AreRefused(string stage, string value)
    {
        string json = Progressed($$"""{"{{stage}}":{{value}}}""");
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, ControlJson.Default.BusMessage));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"read\":65536,\"opening\":1,\"ofANewerNode\":-7}")]
    public void Stages_InRangeOrMissing_AreTaken(string stages) =>
        Assert.IsType<SessionProgressed>(JsonSerializer.Deserialize(Progressed(stages), ControlJson.Default.BusMessage));

    private static string Progressed(string stages) => $$"""
        {"type":"session-progressed","transferId":"0123456789abcdef","epoch":{"coordinator":1,"session":1},"role":"Source","progress":{},"stages":{{stages}}}
        """;

    [Theory]
    [InlineData("open-session")]
    [InlineData("session-opened")]
    [InlineData("session-refused")]
    [InlineData("stop-session")]
    [InlineData("session-progressed")]
    [InlineData("session-noted")]
    [InlineData("session-doubted")]
    [InlineData("session-confirmed")]
    [InlineData("session-ended")]
    [InlineData("outcome-recorded")]
    [InlineData("hub-request")]
    [InlineData("hub-reply")]
    public void TypeNames_AreThoseOfTheProtocol(string name) =>
        Assert.Contains(Samples.BusMessages, message => JsonNode.Parse(JsonSerializer.Serialize(message, ControlJson.Default.BusMessage))!["type"]!.GetValue<string>() == name);

    [Fact]
    public void Values_HaveTheirWireForms()
    {
        JsonNode json = JsonNode.Parse(JsonSerializer.Serialize(Samples.BusMessages[0], ControlJson.Default.BusMessage))!;
        Assert.Equal("0123456789abcdef", json["transferId"]!.GetValue<string>());
        Assert.Equal("src:größe/a b", json["request"]!["source"]!.GetValue<string>());
        Assert.Equal("Destination", json["role"]!.GetValue<string>());
        Assert.Equal("beta", json["peer"]!.GetValue<string>());
        Assert.Equal(32, Convert.FromBase64String(json["secret"]!.GetValue<string>()).Length);
    }

    [Theory]
    [InlineData("{\"type\":\"no-such-message\"}")]
    [InlineData("{\"type\":\"System.IO.FileInfo\",\"fileName\":\"x\"}")]
    [InlineData("{\"$type\":\"hub-request\"}")]
    [InlineData("{\"type\":5}")]
    [InlineData("{\"type\":\"session-message\"}")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("{\"type\":\"session-opened\",\"transferId\":\"../../etc/passwd\",\"epoch\":{},\"role\":\"Source\",\"incarnation\":\"00112233445566778899aabbccddeeff\"}")]
    [InlineData("{\"type\":\"open-session\",\"transferId\":\"0123456789abcdef\",\"epoch\":{\"coordinator\":1,\"session\":1}}")]
    [InlineData("{\"type\":\"session-refused\",\"transferId\":\"0123456789abcdef\",\"epoch\":{\"coordinator\":1,\"session\":1},\"role\":\"Source\"}")]
    [InlineData("{\"type\":\"session-refused\",\"transferId\":\"0123456789abcdef\",\"epoch\":{\"coordinator\":1,\"session\":1},\"role\":\"Source\",\"problem\":null}")]
    [InlineData("{\"type\":\"session-opened\",\"transferId\":\"0123456789abcdef\",\"epoch\":{\"coordinator\":1,\"session\":1},\"role\":7,\"incarnation\":\"00112233445566778899aabbccddeeff\"}")]
    [InlineData("{\"type\":\"hub-request\",\"requestId\":\"00112233445566778899aabbccddeeff\",\"operation\":\"submit\",\"body\":null}")]
    public void Message_UnknownOrBad_IsRefused(string json)
    {
        Exception? error = Record.Exception(() => JsonSerializer.Deserialize(json, ControlJson.Default.BusMessage));
        Assert.True(error is JsonException or NotSupportedException, $"{error?.GetType().Name ?? "nothing"} was thrown.");
    }

    [Fact]
    public void Message_NestedTooDeep_IsRefused()
    {
        string json = "{\"type\":\"hub-reply\",\"x\":" + new string('[', 100) + new string(']', 100) + "}";
        Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize(json, ControlJson.Default.BusMessage));
    }

    [Fact]
    public void Message_WithoutItsOptionalParts_TakesTheirDefaults()
    {
        // The serializer sets every init property, also those the text does not name: the message must not end up with nulls.
        const string Json = """
            {"type":"session-ended","transferId":"0123456789abcdef","epoch":{"coordinator":1,"session":1},"role":"Destination","end":"Completed","progress":{}}
            """;
        SessionEnded ended = Assert.IsType<SessionEnded>(JsonSerializer.Deserialize(Json, ControlJson.Default.BusMessage));
        Assert.Empty(ended.Issues);
        Assert.Null(ended.Problem);
        HubReply reply = Assert.IsType<HubReply>(JsonSerializer.Deserialize("{\"type\":\"hub-reply\",\"requestId\":\"00112233445566778899aabbccddeeff\"}", ControlJson.Default.BusMessage));
        Assert.Null(reply.Body);
        TransferRequest? request = JsonSerializer.Deserialize("{\"source\":\"ab:x\",\"destination\":\"cd:y\"}", ControlJson.Default.TransferRequest);
        Assert.Equal(new TransferRequest(Samples.Address("ab:x"), Samples.Address("cd:y")), request);
        Member? member = JsonSerializer.Deserialize("{\"node\":\"a\",\"incarnation\":\"00112233445566778899aabbccddeeff\"}", ControlJson.Default.Member);
        Assert.Equal(string.Empty, member!.Version);
        Assert.Empty(member.DataAddresses);
        Assert.Empty(member.Locations);
    }

    [Fact]
    public void Member_RoundTrips()
    {
        var member = new Member(new NodeId("alpha"), Samples.Run)
        {
            IsHub = true, Version = "0.1.0", DataAddresses = ["h:1"], Locations = [new MemberLocation(new LocationName("src"), true) { Problem = Samples.Problem }],
            Abilities = ["of a newer node", .. MemberAbilities.All],
        };
        string json = JsonSerializer.Serialize([member], ControlJson.Default.ListMember);
        Member? back = Assert.Single(JsonSerializer.Deserialize(json, ControlJson.Default.ListMember)!);
        Assert.Equal(member.Locations[0], back.Locations[0]);
        Assert.Equal(member with { Locations = back.Locations, DataAddresses = back.DataAddresses, Abilities = back.Abilities }, back);
        Assert.Equal(member.Abilities, back.Abilities);
    }
}
