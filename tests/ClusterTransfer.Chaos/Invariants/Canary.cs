namespace ClusterTransfer.Chaos.Invariants;

/// <summary>I10: files beside the locations, with names that invite mistakes, that nobody may touch.</summary>
internal sealed class Canary
{
    private readonly string[] _folders;
    private readonly TreeSnapshot[] _before;

    /// <summary>Plants them.</summary>
    /// <param name="besides">Folders of locations; a sibling of each is made whose name begins with the location's.</param>
    public Canary(params string[] besides)
    {
        _folders = [.. besides.Select(folder => folder + "-canary")];
        foreach (string folder in _folders)
        {
            Directory.CreateDirectory(Path.Combine(folder, ".clustertransfer"));
            File.WriteAllText(Path.Combine(folder, "0.part"), "a canary");
            File.WriteAllText(Path.Combine(folder, ".clustertransfer", "journal.log"), "another canary");
            File.CreateSymbolicLink(Path.Combine(folder, "link"), "0.part");
        }

        _before = [.. _folders.Select(TreeSnapshot.Of)];
    }

    /// <summary>What was done to them.</summary>
    public IEnumerable<string> Violations() => _folders.Zip(_before).SelectMany(pair => pair.Second.DifferencesTo(TreeSnapshot.Of(pair.First)).Select(line => $"I10: canary {line}"));
}
