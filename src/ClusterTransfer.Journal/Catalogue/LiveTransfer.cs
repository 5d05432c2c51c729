using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Journal;

/// <summary>A transfer as its coordinator shows it now. Its row follows seconds later, so a list takes this one's word.</summary>
/// <param name="Transfer">The transfer.</param>
/// <param name="Reader">The node that reads it, or is to; null where nobody knows.</param>
/// <param name="Writer">The node that writes it, or is to; null where nobody knows.</param>
public sealed record LiveTransfer(TransferResource Transfer, NodeId? Reader, NodeId? Writer);
