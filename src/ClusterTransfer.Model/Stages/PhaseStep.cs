namespace ClusterTransfer.Model.Stages;

/// <summary>One chunk's way through phases that follow each other on one thread; whatever ends it leaves the last.</summary>
public ref struct PhaseStep
{
    private readonly StageClock? _clock;
    private ChunkPhase _phase;

    /// <summary>Enters the first phase.</summary>
    /// <param name="clock">Null when nobody counts.</param>
    /// <param name="phase">Which.</param>
    public PhaseStep(StageClock? clock, ChunkPhase phase)
    {
        (_clock, _phase) = (clock, phase);
        clock?.Enter(phase);
    }

    /// <summary>Goes on to the next.</summary>
    public void Next(ChunkPhase phase)
    {
        _clock?.Move(_phase, phase);
        _phase = phase;
    }

    /// <summary>Leaves the phase it is in.</summary>
    public readonly void Dispose() => _clock?.Leave(_phase);
}
