using System.Diagnostics.CodeAnalysis;

namespace ClusterTransfer.Cli.Settings;

/// <summary>Where a node's API is, as people write it: <c>http://127.0.0.1:7400</c>, or just <c>127.0.0.1:7400</c>.</summary>
internal static class NodeAddress
{
    public const string Default = "http://127.0.0.1:7400";

    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? address) =>
        Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}", UriKind.Absolute, out address)
        && address.Scheme is "http" or "https" && address.Host.Length > 0;
}
