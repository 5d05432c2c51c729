using ClusterTransfer.Model;

namespace ClusterTransfer.Transport.Connections;

/// <summary>How an exchange of Hellos went.</summary>
/// <param name="Result">What it gave; null when it was refused.</param>
/// <param name="Refusal">Why it was refused; null otherwise.</param>
/// <param name="IsOurs">Whether this end refuses, and so owes the peer a word.</param>
internal readonly record struct HelloOutcome(HandshakeResult? Result, Problem? Refusal, bool IsOurs);
