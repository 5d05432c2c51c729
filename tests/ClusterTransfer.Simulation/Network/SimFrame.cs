using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Simulation.Network;

/// <summary>A frame on the wire: its header as bytes, so that it can be damaged, and its body in a buffer of the receiver.</summary>
internal sealed class SimFrame
{
    /// <summary>Header bytes as they arrive.</summary>
    public byte[] Head { get; private init; } = [];

    /// <summary>What the sender meant.</summary>
    public FrameHeader Header { get; private init; }

    /// <summary>The body; taken by whoever handles the frame.</summary>
    public BufferLease? Body { get; set; }

    /// <summary>The stream ends here; no frame.</summary>
    public bool IsEnd { get; private init; }

    /// <summary>Its place among those of the connection; 0 for what is beyond all order.</summary>
    public long Sequence { get; set; }

    public int Bytes => IsEnd ? 0 : FrameHeader.Size + Header.WireLength;

    public static SimFrame End() => new() { IsEnd = true };

    public static SimFrame Of(OutgoingFrame frame, BufferPool receiver) =>
        Of(frame.Header, frame.Prefix.Span, frame.Payload.Span, receiver);

    public static SimFrame Of(FrameHeader header, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> payload, BufferPool receiver)
    {
        int length = prefix.Length + payload.Length;
        byte[] head = new byte[FrameHeader.Size];
        header = header with { WireLength = length };
        header.Write(head);
        BufferLease body = Rent(receiver, length);
        prefix.CopyTo(body.Memory.Span);
        payload.CopyTo(body.Memory.Span[prefix.Length..]);
        return new SimFrame { Head = head, Header = header, Body = body };
    }

    public SimFrame Copy(BufferPool receiver)
    {
        BufferLease body = Rent(receiver, Body!.Length);
        Body.Memory.CopyTo(body.Memory);
        return new SimFrame { Head = [.. Head], Header = Header, Body = body };
    }

    /// <summary>The same body behind another header.</summary>
    public SimFrame With(FrameHeader header)
    {
        byte[] head = new byte[FrameHeader.Size];
        header.Write(head);
        return new SimFrame { Head = head, Header = header, Body = Body };
    }

    public void Drop()
    {
        Body?.Dispose();
        Body = null;
    }

    private static BufferLease Rent(BufferPool pool, int length)
    {
        ValueTask<BufferLease> renting = pool.RentAsync(length, CancellationToken.None);
        return renting.IsCompletedSuccessfully ? renting.Result : throw new InvalidOperationException("The pool of a simulated node must be large enough.");
    }
}
