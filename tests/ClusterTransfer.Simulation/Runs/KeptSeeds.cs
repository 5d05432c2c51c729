namespace ClusterTransfer.Simulation.Runs;

/// <summary>Seeds that found something, with what it was. What a seed does changes when a fault is added or drawn otherwise: then it is one more seed,
/// and what it found is still held by a test of its own.</summary>
internal static class KeptSeeds
{
    public static readonly IReadOnlyList<(int Seed, string Found)> All =
    [
        (210, "a hub that was frozen hears pause after resume"),
        (908, "files stay open when the source's epoch cannot be stored"),
        (982, "a command that comes after the end begins the transfer anew"),
        (1569, "a file stays open when the digests of a recovered transfer cannot be written"),
        (104_238, "a hub that was frozen takes its own absence for the source's silence"),
        (3384, "a chunk that is lost before its acknowledgement arrives is never sent again"),
        (328, "the proof of a session is skipped as damaged, and so is the word of that: the connection stays, and nobody proves it again"),
    ];
}
