using System.Diagnostics.CodeAnalysis;

namespace ClusterTransfer.Wire.Frames;

/// <summary>The body of a frame: a record that knows its bytes.</summary>
public interface IFrameBody
{
    /// <summary>Bytes that <see cref="WriteTo"/> writes.</summary>
    int EncodedLength { get; }

    /// <summary>Writes the body and returns its length in bytes.</summary>
    /// <exception cref="ArgumentException">The destination is too short, or the body breaks a limit of its type.</exception>
    int WriteTo(Span<byte> destination);
}

/// <summary>A body that can be read back.</summary>
public interface IFrameBody<TSelf> : IFrameBody
    where TSelf : IFrameBody<TSelf>
{
    /// <summary>Reads a whole body from a peer's bytes. Never throws: false for anything that is not exactly one valid body.</summary>
    static abstract bool TryRead(ReadOnlySpan<byte> source, [NotNullWhen(true)] out TSelf? body);
}

/// <summary>What every body can do.</summary>
public static class FrameBodies
{
    /// <summary>The body's bytes in a new array.</summary>
    public static byte[] ToArray<T>(this T body)
        where T : IFrameBody
    {
        byte[] bytes = new byte[body.EncodedLength];
        int written = body.WriteTo(bytes);
        return written == bytes.Length ? bytes : throw new InvalidOperationException($"{typeof(T).Name} wrote {written} of {bytes.Length} bytes.");
    }
}
