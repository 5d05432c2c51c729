using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Contexts;

/// <summary>Who answered a login.</summary>
internal static class LoginResult
{
    public static Result Of(string context, Uri address, string tokenFile, VersionResource version, IReadOnlyList<NodeResource> nodes) => new()
    {
        Document = () => JsonText.Of(json =>
        {
            json.WriteString("context", context);
            json.WriteString("address", address.GetLeftPart(UriPartial.Authority));
            json.WriteString("tokenFile", tokenFile);
            json.WriteString("node", version.Node.Value);
            json.WriteString("version", version.Version);
            json.WriteStartArray("nodes");
            foreach (NodeResource node in nodes)
            {
                json.WriteStringValue(node.Name.Value);
            }

            json.WriteEndArray();
        }),
        Text = (output, _) =>
        {
            output.WriteLine(PathText.EscapeControls(
                $"Node {version.Node} ({version.Version}) answers at {address.GetLeftPart(UriPartial.Authority)} and takes the token; its cluster has {(nodes.Count == 1 ? "1 node" : $"{nodes.Count} nodes")}."));
            output.WriteLine(PathText.EscapeControls($"The context {context} is current now; its token is in {tokenFile}."));
        },
    };
}
