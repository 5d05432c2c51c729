namespace ClusterTransfer.Chaos.Harness;

/// <summary>The <c>ct</c> that the scenarios run.</summary>
internal static class CtBinary
{
    /// <summary>The released one, the same file a user has: environment <c>CT_CLIENT</c>, else <c>artifacts/ct/ct</c>. Skips the test when there is none.</summary>
    public static string Find() => Artifact.Find("CT_CLIENT", "the released ct", "ct", "ct");

    /// <summary>The one with fail points: environment <c>CT_FAULTY_CLIENT</c>, else <c>artifacts/faults/ct/ct</c>. Skips the test when there is none.</summary>
    public static string FindWithFaultPoints() => Artifact.Find("CT_FAULTY_CLIENT", "ct with fail points", "faults", "ct", "ct");
}
