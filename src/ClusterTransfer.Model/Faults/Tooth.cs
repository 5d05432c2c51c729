#if TEETH
namespace ClusterTransfer.Model;

/// <summary>Planted bugs that the tests must find, one at a time: docs/chaos.md, "Teeth". Only a build with <c>-p:Teeth=true</c> has them.</summary>
internal static class Tooth
{
    private static readonly string? Chosen = Environment.GetEnvironmentVariable("CLUSTERTRANSFER_TOOTH");

    /// <summary>Whether this is the bug that the process was started with.</summary>
    /// <param name="name">A row of scripts/teeth.tsv.</param>
    public static bool Bites(string name) => name == Chosen;
}
#endif
