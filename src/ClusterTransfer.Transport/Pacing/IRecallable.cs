namespace ClusterTransfer.Transport.Pacing;

/// <summary>Something that holds a chunk in memory, ready to be sent, and can let go of it.</summary>
public interface IRecallable
{
    /// <summary>Lets go of the chunk and disposes its pacer, unless it is being written or was. Called without any lock.</summary>
    void Recall();
}
