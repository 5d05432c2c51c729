namespace ClusterTransfer.Chaos.Harness;

/// <summary>The released <c>ct</c> that the scenarios run: the same file a user has.</summary>
internal static class CtBinary
{
    /// <summary>Its path: environment <c>CT_CLIENT</c>, else <c>artifacts/ct/ct</c> of this repository. Skips the test when there is none.</summary>
    public static string Find()
    {
        if (Environment.GetEnvironmentVariable("CT_CLIENT") is { Length: > 0 } given)
        {
            return File.Exists(given) ? given : throw new ChaosException($"CT_CLIENT names '{given}', which does not exist.");
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ClusterTransfer.sln")))
            {
                string built = Path.Combine(folder.FullName, "artifacts", "ct", "ct");
                if (File.Exists(built))
                {
                    return built;
                }

                break;
            }
        }

        Assert.Skip("There is no artifacts/ct/ct; scripts/test.sh builds it, or set CT_CLIENT.");
        throw new InvalidOperationException();
    }
}
