namespace ClusterTransfer.Chaos.Harness;

/// <summary>Something the scripts build beneath <c>artifacts</c>.</summary>
internal static class Artifact
{
    /// <summary>Its path: from the environment, else beneath <c>artifacts</c> of this repository. Skips the test when there is none.</summary>
    /// <param name="variable">Environment variable that names it.</param>
    /// <param name="what">For the message.</param>
    /// <param name="parts">Path beneath <c>artifacts</c>.</param>
    public static string Find(string variable, string what, params string[] parts)
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given)
        {
            return File.Exists(given) ? given : throw new ChaosException($"{variable} names '{given}', which does not exist.");
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ClusterTransfer.sln")))
            {
                string built = Path.Combine([folder.FullName, "artifacts", .. parts]);
                if (File.Exists(built))
                {
                    return built;
                }

                break;
            }
        }

        Assert.Skip($"There is no artifacts/{string.Join('/', parts)} ({what}); scripts/test.sh and scripts/chaos.sh build it, or set {variable}.");
        throw new InvalidOperationException();
    }
}
