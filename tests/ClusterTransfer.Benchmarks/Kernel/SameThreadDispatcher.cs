using ClusterTransfer.Actors;

namespace ClusterTransfer.Benchmarks.Kernel;

/// <summary>Runs turns where it is told to, on the caller's thread: what one core does, without any hand-over between threads.</summary>
internal sealed class SameThreadDispatcher : IActorDispatcher
{
    private readonly Queue<IThreadPoolWorkItem> _turns = new();

    public void Schedule(IThreadPoolWorkItem turn) => _turns.Enqueue(turn);

    public void Run()
    {
        while (_turns.TryDequeue(out IThreadPoolWorkItem? turn)) { turn.Execute(); }
    }
}
