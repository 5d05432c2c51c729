using ClusterTransfer.Model;
using ClusterTransfer.Storage.NodeJournal;

namespace ClusterTransfer.Storage.Incoming;

/// <summary>Collects what a checkpoint or publication did, for its caller.</summary>
internal sealed class PublishOutcome
{
    public List<PublishedFile> Published { get; } = [];

    public List<FileIssue> Issues { get; } = [];

    public List<ChunkRange> Lost { get; } = [];

    public Checkpoint ToCheckpoint(IReadOnlyList<ChunkIndex> durable) => new(durable, Lost, Published, Issues);
}
