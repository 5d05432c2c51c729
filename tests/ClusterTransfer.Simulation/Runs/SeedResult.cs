using ClusterTransfer.Model;

namespace ClusterTransfer.Simulation.Runs;

/// <summary>How one seed went.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Violation">What did not hold; null when everything did.</param>
/// <param name="Fired">Faults that had an effect, by row.</param>
/// <param name="State">How the transfer ended; null when it did not.</param>
/// <param name="Hash">Hash of the story.</param>
/// <param name="Healing">Virtual time from the end of the storm to the end of the transfer.</param>
/// <param name="Story">What happened, when something did not hold or was asked for.</param>
internal sealed record SeedResult(
    int Seed, string? Violation, IReadOnlyDictionary<string, int> Fired, TransferState? State, ulong Hash, TimeSpan Healing, string Story)
{
    /// <summary>Faults that a run must have seen to count.</summary>
    public const int MinFired = 3;

    public int FaultsFired => Fired.Values.Sum();

    public bool IsValid => FaultsFired >= MinFired;
}
