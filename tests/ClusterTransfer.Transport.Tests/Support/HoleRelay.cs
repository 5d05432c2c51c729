using System.Net.Sockets;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Transport.Tests.Support;

/// <summary>A TCP relay whose directions can be turned into holes: what comes in is taken and never passed on, ends and resets included.</summary>
internal sealed class HoleRelay : TcpRelay
{
    /// <summary>Nothing gets from the dialler to the listener.</summary>
    public bool There { get; set; }

    /// <summary>Nothing gets back.</summary>
    public bool Back { get; set; }

    protected override Task CarryAsync(Socket client, Socket server) => Task.WhenAll(CopyAsync(client, server, () => There), CopyAsync(server, client, () => Back));

    private async Task CopyAsync(Socket from, Socket to, Func<bool> isHole)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, Stopping) is > 0 and var read)
            {
                if (!isHole())
                {
                    await to.SendAsync(buffer.AsMemory(0, read), Stopping);
                }
            }
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One end is gone, or the test is over.
        }

        if (!isHole())
        {
            to.LingerState = new LingerOption(true, 0);
            to.Close();
        }
    }
}
