namespace ClusterTransfer.Transport.Pacing;

// A limit that is lowered leaves chunks in memory that were read for the one before. Their buffers are wanted by others long before their turn would come.
public sealed partial class TransferPacer
{
    // It may be entitled to more now, or to less.
    private void Adjust()
    {
        PacedChunk? begun;
        bool sends;
        lock (_lock)
        {
            sends = _live > 0;
        }

        if (sends && _share.IsLimited)
        {
            _share.Limits.Touch(_share);   // without a limit nobody asked
        }

        lock (_lock)
        {
            begun = BeginSomeLocked();
        }

        Tell(begun);
        while (TakeTooMuch(out IRecallable? holder))
        {
            holder?.Recall();
        }
    }

    // The latest first. One chunk stays, however slow it is; one that is still read is let go of when it would be held.
    private bool TakeTooMuch(out IRecallable? holder)
    {
        holder = null;
        lock (_lock)
        {
            if (!_share.IsLimited || _live < 2 || _ready.Last is not { Value: var chunk } || _ahead - _leaving <= _share.Rate / KeptPerSecond)
            {
                return false;
            }

            _ready.RemoveLast();
            holder = chunk.Holder;
            if (holder is null)
            {
                chunk.IsRecalled = true;
                _leaving += chunk.Left;
            }

            return true;
        }
    }
}
