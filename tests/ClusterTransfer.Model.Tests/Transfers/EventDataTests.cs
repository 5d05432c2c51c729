using System.Text.Json;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Model.Tests.Transfers;

public sealed class EventDataTests
{
    [Fact]
    public void Note_WithData_SurvivesTheControlPlane()
    {
        var note = new SessionNoted(Samples.Id, new Epoch(1, 2), SessionRole.Source, "connection-lost", "It ended.")
        {
            Data = EventData.Of(("score", 3), ("bytesSent", long.MaxValue), ("lastReason", "chunk \"7\"\n"), ("nothing", null), ("peer", new NodeId("beta"))),
        };

        string json = JsonSerializer.Serialize<BusMessage>(note, ControlJson.Default.BusMessage);
        var read = (SessionNoted)JsonSerializer.Deserialize(json, ControlJson.Default.BusMessage)!;

        Assert.Equal("""{"score":3,"bytesSent":9223372036854775807,"lastReason":"chunk \u00227\u0022\n","peer":"beta"}""", Text(read.Data));
    }

    [Fact]
    public void Fit_WhatANodeSaid_KeepsOnlyNumbersAndTextsWithinTheBounds()
    {
        using JsonDocument said = JsonDocument.Parse($$"""
            { "a": 1, "b": "x\u001by", "c": {}, "d": [1], "e": true, "f": null, "g-h": 1, "": 1, "{{new string('k', 41)}}": 1, "n": {{new string('9', 33)}}, "t": "{{new string('t', 300)}}" }
            """);
        Dictionary<string, JsonElement> all = said.RootElement.EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value);

        IReadOnlyDictionary<string, JsonElement>? kept = EventData.Fit(all);

        Assert.Equal(["a", "b", "t"], kept!.Keys);
        Assert.DoesNotContain('\u001b', kept["b"].GetString()!);
        Assert.Equal(EventData.MaxTextLength, kept["t"].GetString()!.Length);
    }

    [Fact]
    public void Fit_MoreEntriesThanAllowed_KeepsTheFirst()
    {
        Dictionary<string, JsonElement> many = Enumerable.Range(0, 100).ToDictionary(i => $"n{i}", i => JsonElement.Parse($"{i}"));

        Assert.Equal(EventData.MaxEntries, EventData.Fit(many)!.Count);
        Assert.Null(EventData.Fit(null));
        Assert.Null(EventData.Fit(new Dictionary<string, JsonElement>()));
    }

    [Fact]
    public void Details_WithAndWithoutData_AreReadBack()
    {
        var transfer = new TransferResource
        {
            Id = Samples.Id, Source = "src:a", Destination = "dst:b", ResultName = "a", State = TransferState.Active, Desired = DesiredState.Run, CreatedAt = Samples.At,
        };
        string plain = JsonSerializer.Serialize(transfer, ApiJson.Default.TransferResource);
        string withData = JsonSerializer.Serialize(new EventDetails(transfer, EventData.Of(("score", 1))), ApiJson.Default.EventDetails);

        Assert.Null(EventDetails.Read(plain).Data);
        Assert.Equal(Samples.Id, EventDetails.Read(plain).Transfer.Id);
        Assert.Equal("""{"score":1}""", Text(EventDetails.Read(withData).Data));
        Assert.Equal(Samples.Id, EventDetails.Read(withData).Transfer.Id);
        Assert.Throws<JsonException>(() => EventDetails.Read("null"));
    }

    // Names of files are in these texts, and names have pairs of surrogates.
    [Fact]
    public void Of_ATextThatIsCutWithinAPair_LosesTheWholePair()
    {
        string name = "a" + string.Concat(Enumerable.Repeat("\U0001F600", EventData.MaxTextLength));

        string kept = EventData.Of(("why", name))["why"].GetString()!;

        Assert.Equal(name[..(EventData.MaxTextLength - 1)], kept);
    }

    [Fact]
    public void Fit_ATextThatIsNone_IsLeftOut()
    {
        using JsonDocument said = JsonDocument.Parse("""{ "a": 1, "half": "\ud83d", "other": "x\ude00" }""");
        Dictionary<string, JsonElement> all = said.RootElement.EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value);

        Assert.Equal(["a"], EventData.Fit(all)!.Keys);
    }

    private static string Text(IReadOnlyDictionary<string, JsonElement>? data) => $"{{{string.Join(',', data!.Select(entry => $"\"{entry.Key}\":{entry.Value.GetRawText()}"))}}}";

    [Theory]
    [InlineData("\"\\ud800\"")]
    [InlineData("\"a\\udc00b\"")]
    public void Fit_TextThatIsNone_IsLeftOut(string json) =>
        Assert.Null(EventData.Fit(new Dictionary<string, JsonElement> { ["x"] = JsonElement.Parse(json) }));

    [Fact]
    public void LongText_IsNotCutInsideACharacter()
    {
        string text = new string('x', EventData.MaxTextLength - 1) + "\ud83d\ude00";
        IReadOnlyDictionary<string, JsonElement> data = EventData.Of(("x", text));
        Assert.Equal(new string('x', EventData.MaxTextLength - 1), data["x"].GetString());
        Assert.Equal(data["x"].GetString(), EventData.Fit(new Dictionary<string, JsonElement> { ["x"] = JsonElement.Parse($"\"{text}\"") })!["x"].GetString());
    }
}
