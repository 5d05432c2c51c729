namespace ClusterTransfer.Node.Configuration;

/// <summary>Who this node is and whom it trusts; section <c>tls</c>. Absolute paths of PEM files; made with <c>ct pki</c>.</summary>
/// <param name="Authority">The cluster's CA certificate: nodes whose certificate it did not issue are refused.</param>
/// <param name="Certificate">This node's certificate; its name must be <c>node.name</c>.</param>
/// <param name="Key">This node's private key, readable for its user only.</param>
public sealed record TlsOptions(string Authority, string Certificate, string Key);
