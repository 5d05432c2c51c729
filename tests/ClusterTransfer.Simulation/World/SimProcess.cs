using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Simulation.World;

/// <summary>One run of a process: its code runs only through <see cref="Run"/>, so it can be frozen and killed between any two of its turns,
/// and in the middle of one, before a call to the disk.</summary>
internal sealed class SimProcess
{
    private readonly List<Action> _held = [];
    private readonly List<NativeHandle> _handles = [];
    private int _depth;

    public SimProcess(SimWorld world, NodeId node, int run, int wallOffsetSeconds)
    {
        World = world;
        Node = node;
        Incarnation = new Incarnation(new Guid(run, (short)node.Value[0], 0, new byte[8]));
        Clock = new ProcessClock(this) { WallOffset = TimeSpan.FromSeconds(wallOffsetSeconds) };
        Dispatcher = new ProcessDispatcher(this);
    }

    public SimWorld World { get; }

    public NodeId Node { get; }

    public Incarnation Incarnation { get; }

    public ProcessClock Clock { get; }

    public IActorDispatcher Dispatcher { get; }

    public bool IsDead { get; private set; }

    public bool IsFrozen { get; private set; }

    /// <summary>Called once, when it is dead.</summary>
    public Action? OnDeath { get; set; }

    /// <summary>Handles open now.</summary>
    public int OpenHandles => _handles.Count(handle => !handle.IsClosed);

    public void Run(Action work)
    {
        if (IsDead)
        {
            return;
        }

        if (IsFrozen)
        {
            _held.Add(work);
            return;
        }

        SimProcess? before = World.Current;
        World.Current = this;
        _depth++;
        try
        {
            work();
        }
        catch (Exception) when (IsDead)
        {
            // It was killed in the middle of this: what it threw on the way out nobody saw.
        }
        finally
        {
            _depth--;
            World.Current = before;
            if (IsDead && _depth == 0)
            {
                CloseHandles();
            }
        }
    }

    /// <summary>SIGKILL: no code of it runs any more, the kernel closes its files.</summary>
    public void Kill()
    {
        if (IsDead)
        {
            return;
        }

        IsDead = true;
        _held.Clear();
        if (_depth == 0)
        {
            CloseHandles();
        }

        OnDeath?.Invoke();
    }

    /// <summary>SIGSTOP.</summary>
    public void Freeze() => IsFrozen = true;

    /// <summary>SIGCONT: what waited runs now.</summary>
    public void Thaw()
    {
        IsFrozen = false;
        Action[] held = [.. _held];
        _held.Clear();
        foreach (Action work in held)
        {
            Run(work);
        }
    }

    public void Opened(NativeHandle handle)
    {
        if (_handles.Count > 64 && _handles.Count > 2 * OpenHandles)
        {
            _handles.RemoveAll(open => open.IsClosed);
        }

        _handles.Add(handle);
    }

    private void CloseHandles()
    {
        foreach (NativeHandle handle in _handles)
        {
            handle.Dispose();
        }

        _handles.Clear();
    }

    private sealed class ProcessDispatcher(SimProcess process) : IActorDispatcher
    {
        public void Schedule(IThreadPoolWorkItem turn) => process.World.Schedule(process, turn);
    }
}
