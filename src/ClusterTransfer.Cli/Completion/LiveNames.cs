using ClusterTransfer.Cli.Commands;
using ClusterTransfer.Cli.Contexts;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Settings;
using ClusterTransfer.Cli.Terminal;
using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Completion;

/// <summary>Names that only the node knows. A key was pressed and somebody waits: what does not come at once does not come, and nothing is said about it.</summary>
internal sealed class LiveNames(CliHost host, ResolvedSettings settings, TimeSpan limit)
{
    private const int MaxTransfers = 200;

    /// <summary>Transfers, newest first, that the verb can do something with.</summary>
    public Task<IReadOnlyList<Candidate>> TransfersAsync(string verb) => AskAsync(async (client, cancellationToken) =>
        (await client.ListPageAsync(new TransferListQuery { States = StatesOf(verb), Limit = MaxTransfers }, cancellationToken)).Items
            .Where(transfer => Fits(verb, transfer))
            .Select(transfer => new Candidate(transfer.Id.Value, $"{TransferText.StateOf(transfer)}, {transfer.Source} to {transfer.Destination}")));

    public Task<IReadOnlyList<Candidate>> NodesAsync() => AskAsync(async (client, cancellationToken) =>
        (await client.NodesAsync(cancellationToken)).Select(node => new Candidate(node.Name.Value, node.State)));

    /// <summary>Locations, each as the beginning of an address.</summary>
    public Task<IReadOnlyList<Candidate>> LocationsAsync() => AskAsync(async (client, cancellationToken) =>
        (await client.LocationsAsync(cancellationToken)).Select(location => new Candidate(
            $"{location.Name}:", $"{location.Node}{(location.ReadOnly ? ", read-only" : string.Empty)}{(location.Problem is null ? string.Empty : ", not ready")}")));

    // Others would only be refused, or show nothing.
    private static TransferState[] StatesOf(string verb) => verb switch
    {
        "pause" or "resume" or "cancel" or "watch" or "wait" or "conns" or "limit" => [.. Enum.GetValues<TransferState>().Where(state => !state.IsTerminal())],
        "retry" => [TransferState.Failed, TransferState.Partial],
        _ => [],
    };

    private static bool Fits(string verb, TransferResource transfer) => verb switch
    {
        "pause" => transfer.Desired == DesiredState.Run,
        "resume" => transfer.Desired == DesiredState.Pause,
        "cancel" => transfer.Desired != DesiredState.Cancel,
        _ => true,
    };

    private async Task<IReadOnlyList<Candidate>> AskAsync(Func<ClusterTransferClient, CancellationToken, Task<IEnumerable<Candidate>>> ask)
    {
        using var deadline = new CancellationTokenSource(limit, host.Time);
        Task<IReadOnlyList<Candidate>> answer = Task.Run(
            async () =>
            {
                await using ClusterTransferClient client = ClientSettings.Connect(host, settings);
                return (IReadOnlyList<Candidate>)[.. await ask(client, deadline.Token)];
            },
            deadline.Token);

        // The limit holds also for what hears no token: the address or token file may be a pipe that nobody writes to.
        Task first = await Task.WhenAny(answer, Task.Delay(limit, host.Time, deadline.Token));
        if (first != answer)
        {
            return [];
        }

        try
        {
            return await answer;
        }
        catch (Exception error) when (error is ClusterTransferException or OperationCanceledException)
        {
            return [];
        }
    }
}
