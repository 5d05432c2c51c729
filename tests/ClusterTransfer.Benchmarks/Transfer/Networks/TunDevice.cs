using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace ClusterTransfer.Benchmarks.Transfer.Networks;

/// <summary>A network device whose packets a program reads and writes.</summary>
internal sealed unsafe partial class TunDevice : IDisposable
{
    private const int ReadWrite = 2;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int NewNetwork = 0x40000000;    // CLONE_NEWNET
    private const nuint SetInterface = 0x400454CA; // TUNSETIFF
    private const short PlainTun = 0x0001 | 0x1000; // IFF_TUN, IFF_NO_PI
    private const int NameBytes = 16;
    private const short PollIn = 1;

    private readonly int _file;

    private TunDevice(int file) => _file = file;

    /// <summary>Makes a device in a network namespace. Leaves the calling thread in there: call it on a thread that ends then.</summary>
    /// <param name="networkFile">The namespace, such as <c>/var/run/netns/NAME</c>.</param>
    /// <param name="name">The device's name in there.</param>
    /// <exception cref="BenchmarkException">Not root, or the kernel has no TUN.</exception>
    public static TunDevice Make(string networkFile, string name)
    {
        int network = Open(networkFile, CloseOnExec);
        Check(network, networkFile);
        int entered = SetNamespace(network, NewNetwork);
        int error = Marshal.GetLastPInvokeError();
        _ = Close(network);
        Check(entered, networkFile, error);
        int file = Open("/dev/net/tun", ReadWrite | NonBlocking | CloseOnExec);
        Check(file, "/dev/net/tun");
        byte* request = stackalloc byte[40];
        new Span<byte>(request, 40).Clear();
        Encoding.ASCII.GetBytes(name, new Span<byte>(request, NameBytes - 1));
        *(short*)(request + NameBytes) = PlainTun;
        if (Control(file, SetInterface, request) < 0)
        {
            error = Marshal.GetLastPInvokeError();
            _ = Close(file);
            Check(-1, name, error);
        }

        return new TunDevice(file);
    }

    /// <summary>Takes a packet that the system sends; 0 when there is none.</summary>
    public int Read(Span<byte> packet)
    {
        fixed (byte* bytes = packet)
        {
            return (int)Math.Max(0, ReadFile(_file, bytes, (nuint)packet.Length));
        }
    }

    /// <summary>Hands the system a packet as if received; one that it does not take is lost, as packets are.</summary>
    public void Write(ReadOnlySpan<byte> packet)
    {
        fixed (byte* bytes = packet)
        {
            _ = WriteFile(_file, bytes, (nuint)packet.Length);
        }
    }

    /// <summary>Waits until there is a packet to read, or some time has passed.</summary>
    public void Wait(long nanoseconds)
    {
        var poll = new PollFile { File = _file, Events = PollIn };
        var time = new Time { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
        _ = Poll(ref poll, 1, ref time, 0);
    }

    public void Dispose() => _ = Close(_file);

    private static void Check(int result, string what) => Check(result, what, Marshal.GetLastPInvokeError());

    private static void Check(int result, string what, int error)
    {
        if (result < 0)
        {
            throw new BenchmarkException($"{what}: {new Win32Exception(error).Message}");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int file, int kind);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(int file, nuint request, byte* argument);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint ReadFile(int file, byte* bytes, nuint length);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint WriteFile(int file, byte* bytes, nuint length);

    [LibraryImport("libc", EntryPoint = "ppoll")]
    private static partial int Poll(ref PollFile files, nuint count, ref Time time, nint signals);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollFile
    {
        public int File;
        public short Events;
        public short Happened;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
