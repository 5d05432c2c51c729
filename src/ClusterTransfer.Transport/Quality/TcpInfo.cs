using System.Buffers.Binary;
using System.Net.Sockets;

namespace ClusterTransfer.Transport.Quality;

/// <summary>Reads <c>TCP_INFO</c> of a socket; Linux only, and null elsewhere.</summary>
/// <remarks>The layout is <c>struct tcp_info</c> of <c>linux/tcp.h</c>, which only grows at its end. A kernel that knows less of it writes less.</remarks>
internal static class TcpInfo
{
    private const int LevelTcp = 6;
    private const int OptionInfo = 11;

    // Offsets in bytes, in the byte order of the machine.
    private const int RoundTripMicroseconds = 68;
    private const int BytesAcked = 120;
    private const int MinRoundTripMicroseconds = 148;
    private const int DeliveryRate = 160;
    private const int BytesSent = 200;
    private const int BytesRetransmitted = 208;
    private const int Length = 216;

    // The kernel's word for "not measured yet".
    private const uint NoRoundTrip = uint.MaxValue;

    /// <summary>Null where the system does not say, for a socket that is closed, and before the first round trip.</summary>
    public static LinkQuality? Read(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        Span<byte> info = stackalloc byte[Length];
        try
        {
            return socket.GetRawSocketOption(LevelTcp, OptionInfo, info) < Length ? null : Parse(info);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return null;   // It ended meanwhile, or is no TCP socket.
        }
    }

    /// <param name="info">At least <see cref="Length"/> bytes as the kernel wrote them.</param>
    internal static LinkQuality? Parse(ReadOnlySpan<byte> info)
    {
        uint roundTrip = ReadUInt32(info[RoundTripMicroseconds..]);
        uint least = ReadUInt32(info[MinRoundTripMicroseconds..]);
        if (roundTrip == 0 || least == NoRoundTrip)
        {
            return null;
        }

        return new LinkQuality(
            TimeSpan.FromMicroseconds(roundTrip),
            TimeSpan.FromMicroseconds(least),
            ReadInt64(info[BytesAcked..]),
            ReadInt64(info[BytesSent..]),
            ReadInt64(info[BytesRetransmitted..]),
            ReadInt64(info[DeliveryRate..]));
    }

    private static uint ReadUInt32(ReadOnlySpan<byte> bytes) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);

    // No counter of a socket gets near the sign.
    private static long ReadInt64(ReadOnlySpan<byte> bytes) => long.Max(
        0, BitConverter.IsLittleEndian ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : BinaryPrimitives.ReadInt64BigEndian(bytes));
}
