using ClusterTransfer.Fuzz.Control;
using ClusterTransfer.Fuzz.Events;
using ClusterTransfer.Fuzz.Frames;
using ClusterTransfer.Fuzz.Hocon;
using ClusterTransfer.Fuzz.Manifests;
using ClusterTransfer.Fuzz.NodeJournal;
using ClusterTransfer.Fuzz.Paths;

namespace ClusterTransfer.Fuzz;

/// <summary>All parsers that read what peers or disks say.</summary>
public static class FuzzTargets
{
    /// <summary>One of each, made anew: a target keeps working memory and belongs to one thread.</summary>
    public static IReadOnlyList<IFuzzTarget> Create() =>
    [
        new FrameTarget(),
        new StreamTarget(),
        new SealedTarget(),
        new ControlTarget(),
        new ManifestTarget(),
        new PathTarget(),
        new RecordTarget(),
        new JournalTarget(),
        new EventTarget(),
        new RowTarget(),
        new HoconTarget(),
    ];
}
