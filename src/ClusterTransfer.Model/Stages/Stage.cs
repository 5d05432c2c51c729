using System.Text.Json.Serialization;

namespace ClusterTransfer.Model.Stages;

/// <summary>What a byte goes through between two disks, and what it may have to wait for on the way; in that order.</summary>
[JsonConverter(typeof(EnumNameConverter<Stage>))]
public enum Stage
{
    /// <summary>The source's list of files: found, sent, and taken by the destination.</summary>
    List,

    /// <summary>The limit of a rate.</summary>
    Throttle,

    /// <summary>Reading at the source.</summary>
    Read,

    /// <summary>Hashing at the source.</summary>
    Hash,

    /// <summary>Compressing at the source.</summary>
    Compress,

    /// <summary>Sealing at the source. With the records of TLS it counts as <see cref="Network"/>.</summary>
    Seal,

    /// <summary>The connections take no more.</summary>
    Network,

    /// <summary>All that the window lets the source send is on its way and not answered.</summary>
    Window,

    /// <summary>Opening sealed records at the destination.</summary>
    Open,

    /// <summary>Restoring and hashing at the destination.</summary>
    Verify,

    /// <summary>Writing at the destination.</summary>
    Write,

    /// <summary>Flushing at the destination: its acknowledgements wait for it.</summary>
    Flush,
}
