using System.Net;
using System.Net.Sockets;

namespace ClusterTransfer.Chaos.Harness;

/// <summary>Stands between two nodes on their way for data and counts what passes: the measure of bytes sent that no node has a hand in.</summary>
/// <remarks>Counted is what the dialling node really wrote, TLS included (about 0.1 % and 40 bytes a frame), whoever dies before or after.</remarks>
internal sealed class ByteRelay : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly IPEndPoint _target;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;
    private TaskCompletionSource _ceilingMoved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _ceiling = long.MaxValue;
    private int _swallowUpTo;
    private long _forward;
    private int _connections;

    public ByteRelay(int listenPort, int targetPort)
    {
        _target = new IPEndPoint(IPAddress.Loopback, targetPort);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, listenPort));
        _listener.Listen(64);
        _accepting = AcceptAsync();
    }

    /// <summary>Bytes from those who dial to the one that listens.</summary>
    public long BytesForward => Interlocked.Read(ref _forward);

    /// <summary>Lets no more than so many bytes pass in all, until it is said anew: a fault at a moment of the transfer cannot be outrun.</summary>
    public void HoldAt(long bytes)
    {
        Volatile.Write(ref _ceiling, bytes);
        Interlocked.Exchange(ref _ceilingMoved, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    /// <summary>From now on nothing passes on the first connections in either direction, and neither end hears of it: a cable that is cut somewhere on its way.</summary>
    /// <param name="connections">How many, in the order they were opened; later ones pass.</param>
    public void BlackHole(int connections) => Volatile.Write(ref _swallowUpTo, connections);

    /// <summary>Connections so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                Socket near = await _listener.AcceptAsync(_stopping.Token);
                int number = Interlocked.Increment(ref _connections);
                serving.RemoveAll(task => task.IsCompleted);
                serving.Add(ServeAsync(near, number));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(Socket near, int number)
    {
        using Socket ours = near;
        using var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.NoDelay = true;
        try
        {
            await far.ConnectAsync(_target, _stopping.Token);
            await Task.WhenAll(CopyAsync(near, far, number, isForward: true), CopyAsync(far, near, number, isForward: false));
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side is dead or away: closing both tells the other.
        }
    }

    private async Task BelowCeilingAsync()
    {
        while (true)
        {
            Task moved = Volatile.Read(ref _ceilingMoved).Task;   // before the ceiling, or its move could be missed
            if (BytesForward < Volatile.Read(ref _ceiling))
            {
                return;
            }

            await moved.WaitAsync(_stopping.Token);
        }
    }

    private async Task CopyAsync(Socket from, Socket to, int number, bool isForward)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(256 * 1024);
        try
        {
            while (await from.ReceiveAsync(buffer, _stopping.Token) is > 0 and int read)
            {
                if (number <= Volatile.Read(ref _swallowUpTo))
                {
                    continue;
                }

                if (isForward)
                {
                    await BelowCeilingAsync();
                    Interlocked.Add(ref _forward, read);
                }

                for (int sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _stopping.Token);
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            from.Dispose();
            to.Dispose();
            throw;
        }
    }
}
