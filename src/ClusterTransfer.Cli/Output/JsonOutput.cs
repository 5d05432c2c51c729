using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Output;

/// <summary>Results for scripts: the API's own resources, indented.</summary>
internal static class JsonOutput
{
    // Made from the generated options, so that nothing falls back to reflection.
    private static readonly ApiJson Indented = new(new JsonSerializerOptions(ApiJson.Default.Options) { WriteIndented = true });

    public static void Write(TextWriter output, TransferResource transfer) => Write(output, transfer, Indented.TransferResource);

    public static void Write(TextWriter output, TransferPage page) => Write(output, page, Indented.TransferPage);

    public static void Write(TextWriter output, IReadOnlyList<NodeResource> nodes) =>
        Write(output, new ResourceList<NodeResource>(nodes), Indented.ResourceListNodeResource);

    public static void Write(TextWriter output, IReadOnlyList<LocationResource> locations) =>
        Write(output, new ResourceList<LocationResource>(locations), Indented.ResourceListLocationResource);

    public static void Write(TextWriter output, IReadOnlyList<ActorResource> actors) =>
        Write(output, new ResourceList<ActorResource>(actors), Indented.ResourceListActorResource);

    /// <summary>The versions of this client and of the node; the node is null when it does not answer.</summary>
    public static void WriteVersion(TextWriter output, string client, VersionResource? node)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("schemaVersion", 1);
            json.WriteString("client", client);
            json.WritePropertyName("node");
            if (node is null)
            {
                json.WriteNullValue();
            }
            else
            {
                JsonSerializer.Serialize(json, node, ApiJson.Default.VersionResource);
            }

            json.WriteEndObject();
        }

        output.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }

    private static void Write<T>(TextWriter output, T value, JsonTypeInfo<T> type) => output.WriteLine(JsonSerializer.Serialize(value, type));
}
