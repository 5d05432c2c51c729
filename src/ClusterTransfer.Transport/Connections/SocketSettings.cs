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
}
