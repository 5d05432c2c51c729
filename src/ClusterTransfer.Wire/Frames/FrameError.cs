namespace ClusterTransfer.Wire.Frames;

/// <summary>Why a header was refused.</summary>
public enum FrameError
{
    /// <summary>The header is good.</summary>
    None,

    /// <summary>Not the start of a frame: the stream is out of step or not ours.</summary>
    BadMagic,

    /// <summary>A header of another version.</summary>
    BadVersion,

    /// <summary>The header was damaged.</summary>
    BadChecksum,

    /// <summary>A type this version does not know. The checksum was good, so the body can be skipped.</summary>
    UnknownType,

    /// <summary>A length beyond the type's limit. The checksum was good, so the body can be skipped when <see cref="FrameHeader.CanSkip"/>.</summary>
    LengthOutOfRange,

    /// <summary>Fewer bytes than a header has.</summary>
    TooShort,
}
