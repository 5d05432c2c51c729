using System.Net;
using ClusterTransfer.Model;
using Microsoft.AspNetCore.Builder;

namespace ClusterTransfer.Node.Hosting;

/// <summary>Starts a server, and says which key names an address that cannot be used.</summary>
internal static class ListeningServer
{
    /// <exception cref="ClusterTransferException">The address is taken or not of this machine.</exception>
    public static async Task StartAsync(WebApplication app, string key, IPEndPoint listen, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw new ClusterTransferException(
                Reason.InvalidRequest, $"{key}: {listen} cannot be listened on ({error.GetBaseException().Message}). Stop the process that uses it, or choose another.", error);
        }
    }
}
