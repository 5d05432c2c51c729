using ClusterTransfer.Client;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Progress;

/// <summary>Shows a person on standard error how a watched transfer goes.</summary>
internal interface ITransferProgress : IDisposable
{
    /// <summary>Shows an event, passing ones included, and the transfer after it.</summary>
    void Show(TransferEvent item);

    /// <summary>Shows that the node was lost or is back.</summary>
    void Show(WatchNotice notice);

    /// <summary>Clears what is only of use while the transfer runs; nothing is shown any more.</summary>
    void End();
}

/// <summary>Shows nothing: <c>--progress none</c>.</summary>
internal sealed class NoProgress : ITransferProgress
{
    public void Show(TransferEvent item)
    {
        // Nothing is what was asked for.
    }

    public void Show(WatchNotice notice)
    {
        // Nothing is what was asked for.
    }

    public void End()
    {
        // Nothing was drawn.
    }

    public void Dispose() => End();
}
