using System.Net;
using System.Net.Sockets;

namespace ClusterTransfer.Benchmarks.RecordLayers;

/// <summary>TLS 1.3 of the system's OpenSSL right on blocking sockets, two threads a connection, without frames: the least that a binding of our own could cost.</summary>
internal sealed class LibSslLayer : ILayer
{
    private const int Part = 256 * 1024;

    public string Name => "TLS by libssl on the socket";

    public async Task<ILayerRun> OpenAsync(Identities identities, int connections)
    {
        var run = new Run(identities.Folder);
        for (int i = 0; i < connections; i++)
        {
            await run.AddAsync();
        }

        return run;
    }

    private sealed class Run(string folder) : ILayerRun
    {
        private readonly nint _contextA = LibSsl.NewContext(folder, "a");
        private readonly nint _contextB = LibSsl.NewContext(folder, "b");
        private readonly List<(Socket Socket, nint Ssl)> _senders = [];
        private readonly List<(Socket Socket, nint Ssl)> _receivers = [];

        public async Task AddAsync()
        {
            using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen();
            var dialler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            dialler.Connect(listener.LocalEndPoint!);
            Socket acceptor = listener.Accept();
            Task<nint> accepting = OnThread(() => Over(acceptor, _contextB, LibSsl.SslAccept));
            _senders.Add((dialler, await OnThread(() => Over(dialler, _contextA, LibSsl.SslConnect))));
            _receivers.Add((acceptor, await accepting));
        }

        public Task MoveAsync(long bytes)
        {
            long share = bytes / _senders.Count;
            return Task.WhenAll(
            [
                .. _senders.Select(one => OnThread(() => Move(one.Ssl, share, LibSsl.SslWrite))),
                .. _receivers.Select(one => OnThread(() => Move(one.Ssl, share, LibSsl.SslRead))),
            ]);
        }

        public ValueTask DisposeAsync()
        {
            foreach ((Socket socket, nint ssl) in _senders.Concat(_receivers))
            {
                LibSsl.SslFree(ssl);
                socket.Dispose();
            }

            LibSsl.SslCtxFree(_contextA);
            LibSsl.SslCtxFree(_contextB);
            return ValueTask.CompletedTask;
        }

        private static nint Over(Socket socket, nint context, Func<nint, int> handshake)
        {
            nint ssl = LibSsl.SslNew(context);
            LibSsl.Check(LibSsl.SslSetFd(ssl, (int)socket.Handle) == 1 && handshake(ssl) == 1, "handshake");
            return ssl;
        }

        private static long Move(nint ssl, long bytes, Transfer transfer)
        {
            byte[] part = GC.AllocateArray<byte>(Part, pinned: true);
            for (long left = bytes; left > 0;)
            {
                int moved = transfer(ssl, ref part[0], (int)Math.Min(left, Part));
                LibSsl.Check(moved > 0, "transfer");
                left -= moved;
            }

            return bytes;
        }

        private static Task<T> OnThread<T>(Func<T> work) =>
            Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        private delegate int Transfer(nint ssl, ref byte bytes, int count);
    }
}
