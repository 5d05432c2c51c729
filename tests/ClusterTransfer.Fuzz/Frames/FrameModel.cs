using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Fuzz.Frames;

/// <summary>What a reader of frames must find, said over the whole array.</summary>
internal sealed class FrameModel(byte[] bytes, int maxChunkBody, int largestBuffer)
{
    private int _at;
    private int _bodyAt;
    private int _bodyLength;

    public FrameHeader Header { get; private set; }

    public FrameError Error { get; private set; }

    public ReadOnlySpan<byte> Body => bytes.AsSpan(_bodyAt, _bodyLength);

    public FrameReadKind Next(bool isSmall)
    {
        (Error, _bodyLength) = (FrameError.None, 0);
        ReadOnlySpan<byte> rest = bytes.AsSpan(_at);
        if (rest.Length < FrameHeader.Size)
        {
            return rest.IsEmpty ? FrameReadKind.EndOfStream : FrameReadKind.Truncated;
        }

        bool good = FrameHeader.TryRead(rest, out FrameHeader header, out FrameError error);
        (Header, Error) = (header, error);
        if (!good && (error is not (FrameError.UnknownType or FrameError.LengthOutOfRange) || !header.CanSkip))
        {
            return FrameReadKind.Corrupt;
        }

        int length = header.WireLength;
        bool isWhole = rest.Length - FrameHeader.Size >= length;
        if (good && isSmall && length > FrameReader.SmallBody)
        {
            Error = FrameError.LengthOutOfRange;
            return FrameReadKind.Corrupt;
        }

        if (good && !isSmall && (length > largestBuffer || (header.Type == FrameType.Chunk && length > maxChunkBody)))
        {
            (good, Error) = (false, FrameError.LengthOutOfRange);
        }

        if (!isWhole)
        {
            return FrameReadKind.Truncated;
        }

        (_bodyAt, _bodyLength) = good ? (_at + FrameHeader.Size, length) : (0, 0);
        _at += FrameHeader.Size + length;
        return good ? FrameReadKind.Frame : FrameReadKind.Refused;
    }
}
