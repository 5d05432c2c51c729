using System.Text.Json.Serialization;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Journal.Tests;

internal sealed record Counted(int Value);

internal sealed record Named(string Name);

internal sealed record Unregistered(int Value);

[JsonSerializable(typeof(Counted))]
[JsonSerializable(typeof(Named))]
internal sealed partial class SampleJson : JsonSerializerContext;

internal static class Samples
{
    public static readonly DateTimeOffset Noon = new(2030, 1, 2, 12, 0, 0, TimeSpan.Zero);

    public static JournalTypes Types() => new JournalTypes()
        .Add("counted", 1, SampleJson.Default.Counted)
        .Add("named", 1, SampleJson.Default.Named);

    public static IReadOnlyList<object> Events(int first, int count) => [.. Enumerable.Range(first, count).Select(i => new Counted(i))];

    public static TransferResource Transfer(TransferId id, TransferState state, DateTimeOffset createdAt) => new()
    {
        Id = id,
        Source = "a:x",
        Destination = "b:y",
        ResultName = "x",
        State = state,
        Desired = DesiredState.Run,
        CreatedAt = createdAt,
    };
}
