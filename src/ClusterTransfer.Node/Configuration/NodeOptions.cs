using ClusterTransfer.Model;

namespace ClusterTransfer.Node.Configuration;

/// <summary>Everything a node is told at its start; HOCON section <c>cluster-transfer</c>. Read once, valid, never changed.</summary>
/// <remarks>Defaults live in these records; <c>hocon/reference.conf</c> documents them and a test proves that both agree.</remarks>
public sealed record NodeOptions
{
    /// <summary>Name of the node, as in its certificate; key <c>node.name</c>. Required.</summary>
    public required NodeId Name { get; init; }

    /// <summary>Absolute path of the folder for the transfer journal, tokens and manifests; key <c>node.state-folder</c>. Required. Private to this node.</summary>
    public required string StateFolder { get; init; }

    /// <summary>Certificates. Required.</summary>
    public required TlsOptions Tls { get; init; }

    /// <summary>Whether this node is the hub, or where the hub is.</summary>
    public HubOptions Hub { get; init; } = new();

    /// <summary>The HTTP API.</summary>
    public ApiOptions Api { get; init; } = new();

    /// <summary>Where data connections are accepted.</summary>
    public DataOptions Data { get; init; } = new();

    /// <summary>The folders this node serves, in the order of the file. None is fine for a hub.</summary>
    public IReadOnlyList<LocationEntry> Locations { get; init; } = [];

    /// <summary>Limits of the data plane.</summary>
    public DataPlaneOptions DataPlane { get; init; } = new();

    /// <summary>How transfers retry and report.</summary>
    public TransferOptions Transfers { get; init; } = new();

    /// <summary>The message bus.</summary>
    public BusOptions Bus { get; init; } = new();

    /// <summary>Logging.</summary>
    public LogOptions Log { get; init; } = new();

    /// <summary>Absolute path of the file with the API's bearer token, made at the first start when it is missing.</summary>
    public string ApiTokenFile => Api.TokenFile ?? Path.Combine(StateFolder, "api-token");

    /// <summary>All problems at once, each naming its key, so an operator mends a file in one pass. Empty when valid.</summary>
    public IEnumerable<string> Validate() => NodeRules.Check(this).Select(problem => problem.ToString());
}
