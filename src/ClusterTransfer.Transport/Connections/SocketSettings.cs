using System.Net.Sockets;

namespace ClusterTransfer.Transport.Connections;

/// <summary>What every socket of the data plane is set to.</summary>
internal static class SocketSettings
{
    public static void Apply(Socket socket, DataPlaneOptions options)
    {
        // Frames are written as a whole: waiting for more would only delay acknowledgements.
        socket.NoDelay = true;
        if (options.SocketBufferBytes is int bytes)
        {
            socket.SendBufferSize = bytes;
            socket.ReceiveBufferSize = bytes;
        }
    }

    /// <summary>Closes so that the kernel keeps nothing of it, not even to retry.</summary>
    public static void Abort(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Gone already, which is what was wanted.
        }

        socket.Dispose();
    }
}
