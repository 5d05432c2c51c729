using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Simulation.World;
using ClusterTransfer.Transfers.Coordination;

namespace ClusterTransfer.Simulation.Nodes;

/// <summary>Whoever submits the transfer: repeats it until it is accepted, and asks for what the faults make it ask for.</summary>
internal sealed class SimUser(SimCluster cluster, TransferRequest request)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Whether the submit was answered: from then on the transfer must be seen to its end.</summary>
    public bool IsAccepted { get; private set; }

    /// <summary>Whether a cancel was accepted.</summary>
    public bool CancelAccepted { get; private set; }

    /// <summary>Whether it ever asked for a cancel, answered or not.</summary>
    public bool WishedCancel { get; private set; }

    public void Submit()
    {
        if (IsAccepted)
        {
            return;
        }

        string name = request.ResultName ?? request.Source.Path.ToString();
        cluster.HubNode.Command(new CoordinationProtocol.Submit(cluster.Id, request, name), answer =>
        {
            cluster.World.Story.Tell("user", $"submit: {Text(answer)}");
            IsAccepted |= answer is CoordinationProtocol.Accepted;
        });
        cluster.World.Later(Patience, Submit);
    }

    public void Cancel()
    {
        WishedCancel = true;
        Ask(new CoordinationProtocol.Cancel(cluster.Id), "cancel", () => CancelAccepted = true);
    }

    public void Pause() => Ask(new CoordinationProtocol.Pause(cluster.Id), "pause", null);

    public void Resume() => Ask(new CoordinationProtocol.Resume(cluster.Id), "resume", null);

    /// <summary>Looks at the transfer now and then, and has it go on when it holds: answers may have been lost, or come in another order.</summary>
    public void ResumeWhilePaused()
    {
        if (cluster.Hub.Row is { ExitCode: null, Desired: DesiredState.Pause })
        {
            Resume();
        }

        if (cluster.Hub.Row is not { ExitCode: not null })
        {
            cluster.World.Later(TimeSpan.FromSeconds(5), ResumeWhilePaused);
        }
    }

    public void Retry() => Ask(new CoordinationProtocol.Retry(cluster.Id), "retry", null);

    private void Ask(object command, string what, Action? accepted) => cluster.HubNode.Command(command, answer =>
    {
        cluster.World.Story.Tell("user", $"{what}: {Text(answer)}");
        if (answer is CoordinationProtocol.Accepted)
        {
            accepted?.Invoke();
        }
    });

    private static string Text(object answer) => answer switch
    {
        CoordinationProtocol.Accepted { Transfer: TransferResource transfer } => $"accepted, {transfer.State} {transfer.Desired}",
        CoordinationProtocol.Refused refused => $"refused, {refused.Problem.Detail}",
        _ => answer.GetType().Name,
    };
}
