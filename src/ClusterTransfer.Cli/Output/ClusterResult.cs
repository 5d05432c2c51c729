using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Output;

/// <summary>What a cluster consists of, as results.</summary>
internal static class ClusterResult
{
    public static Result NodeLimits(NodeLimitsResource limits) => new()
    {
        Document = () => JsonText.Of(limits, ApiJson.Default.NodeLimitsResource),
        Names = () => [limits.Node.Value],
        Text = (output, _) => output.WriteLine(LimitText.Sentence(limits)),
    };

    public static Result Nodes(IReadOnlyList<NodeResource> nodes) => new()
    {
        Document = () => JsonText.Of(new ResourceList<NodeResource>(nodes), ApiJson.Default.ResourceListNodeResource),
        Lines = () => nodes.Select(node => JsonText.Of(node, ApiJson.Default.NodeResource)),
        Names = () => nodes.Select(node => node.Name.Value),
        Text = (output, isWide) => ClusterText.WriteNodes(output, nodes, isWide),
    };

    public static Result Locations(IReadOnlyList<LocationResource> locations) => new()
    {
        Document = () => JsonText.Of(new ResourceList<LocationResource>(locations), ApiJson.Default.ResourceListLocationResource),
        Lines = () => locations.Select(location => JsonText.Of(location, ApiJson.Default.LocationResource)),
        Names = () => locations.Select(location => location.Name.Value),
        Text = (output, isWide) => ClusterText.WriteLocations(output, locations, isWide),
    };

    /// <summary>The document is the tree; lines and names are all actors in turn, told apart by their paths.</summary>
    public static Result Actors(IReadOnlyList<ActorResource> roots) => new()
    {
        Document = () => JsonText.Of(new ResourceList<ActorResource>(roots), ApiJson.Default.ResourceListActorResource),
        Lines = () => ClusterText.Flat(roots).Select(actor => JsonText.Of(actor with { Children = [] }, ApiJson.Default.ActorResource)),
        Names = () => ClusterText.Flat(roots).Select(actor => actor.Path),
        Text = (output, isWide) => ClusterText.WriteActors(output, roots, isWide),
    };

    public static Result Kept(IReadOnlyList<KeptResource> kept) => new()
    {
        Document = () => JsonText.Of(new KeptPage { Items = kept }, ApiJson.Default.KeptPage),
        Lines = () => kept.Select(one => JsonText.Of(one, ApiJson.Default.KeptResource)),
        Names = () => kept.Select(one => one.Name),
        Text = (output, isWide) => ClusterText.WriteKept(output, kept, isWide),
    };

    public static Result Connections(IReadOnlyList<ConnectionReport> connections) => new()
    {
        Document = () => JsonText.Of(new ResourceList<ConnectionReport>(connections), ApiJson.Default.ResourceListConnectionReport),
        Lines = () => connections.Select(connection => JsonText.Of(connection, ApiJson.Default.ConnectionReport)),
        Names = () => connections.Select(connection => connection.Number.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        Text = (output, isWide) => MovementText.WriteConnections(output, connections, isWide),
    };

    public static Result Chunks(ChunksResource chunks, bool onlyFailed) => new()
    {
        Document = () => onlyFailed ? FailedChunks(chunks) : JsonText.Of(chunks, ApiJson.Default.ChunksResource),
        Lines = onlyFailed ? () => chunks.Failed.Select(chunk => JsonText.Of(chunk, ApiJson.Default.FailedChunkResource)) : null,
        Text = (output, isWide) => MovementText.WriteChunks(output, chunks, onlyFailed, isWide),
    };

    /// <summary>The versions of this client and of the node; the node is null when it does not answer.</summary>
    public static Result Version(string client, VersionResource? node) => new()
    {
        Document = () => JsonText.Of(json =>
        {
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
        }),
        Text = (output, _) =>
        {
            output.WriteLine($"ct    {client}");
            if (node is not null)
            {
                output.WriteLine(PathText.EscapeControls($"node  {node.Version}, {node.Node}, API {node.ApiVersion}"));
            }
        },
    };

    private static JsonElement FailedChunks(ChunksResource chunks) => JsonText.Of(json =>
    {
        json.WriteStartArray("items");
        foreach (FailedChunkResource chunk in chunks.Failed)
        {
            JsonSerializer.Serialize(json, chunk, ApiJson.Default.FailedChunkResource);
        }

        json.WriteEndArray();
    });
}
