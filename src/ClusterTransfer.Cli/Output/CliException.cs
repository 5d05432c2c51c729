using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Output;

/// <summary>A failure that the client itself found, with a remedy that fits it better than the catalogue's.</summary>
internal sealed class CliException(Reason reason, string detail, string remedy) : ClusterTransferException(reason, detail)
{
    public string Remedy { get; } = remedy;
}
