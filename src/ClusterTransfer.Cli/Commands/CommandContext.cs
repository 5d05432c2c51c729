using System.CommandLine;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Progress;
using ClusterTransfer.Cli.Terminal;
using ClusterTransfer.Client;

namespace ClusterTransfer.Cli.Commands;

/// <summary>What one run of a client command works with.</summary>
internal sealed record CommandContext(CliHost Host, ParseResult Parsed, ClusterTransferClient Client, Results Results, Messages Messages, ProgressMode Progress);
