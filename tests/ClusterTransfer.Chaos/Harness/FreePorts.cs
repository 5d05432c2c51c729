using System.Net;
using System.Net.Sockets;

namespace ClusterTransfer.Chaos.Harness;

/// <summary>Ports of loopback that a node can have again after it was killed.</summary>
internal static class FreePorts
{
    // Below the range from which the system serves outgoing connections: none of those can take a port while its node is down.
    private const int First = 20_000;
    private const int Last = 32_000;
    private static int _next = First + (Environment.ProcessId * 37 % (Last - First));

    public static int Take()
    {
        while (true)
        {
            int port = _next = _next >= Last ? First : _next + 1;
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken: the next one.
            }
        }
    }
}
