using ClusterTransfer.Model.Stages;

namespace ClusterTransfer.Transfers.Sessions;

// What chunks wait for that are not on their way yet. The rest is counted where it happens.
internal sealed partial class SourceSession
{
    private readonly StageClock _stages;
    private readonly SourceStageMeter _stageMeter;

    // Places for chunks that nothing was found for when it was last looked for.
    private int _emptyPlaces;

    // Called whenever something may have changed that it depends on: then what holds places empty holds until the next call.
    private void CountPlaces()
    {
        int empty = _mover is null || IsDraining || !MaySendChunks ? 0 : _emptyPlaces;
        bool isHeldByAnswers = _ledger.LacksRoom || _ledger.OpenPages >= Services.Options.ActivePages;
        _stages.Set(ChunkPhase.Window, isHeldByAnswers && _ledger.InFlight.Count > 0 ? empty : 0);
        _stages.Set(ChunkPhase.List, !isHeldByAnswers && IsListBehind ? empty : 0);
        _stages.Set(ChunkPhase.Flight, _ledger.InFlight.Count);
    }

    // Nothing is there to be sent, though there may be more: it is looked for, read, or the destination has yet to say what of it it wants.
    private bool IsListBehind => _outgoing is { } outgoing && (outgoing.Seal is null || _nextPage < outgoing.PageCount || _loading + _announced.Count > 0);
}
