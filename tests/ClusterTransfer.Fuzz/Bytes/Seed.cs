namespace ClusterTransfer.Fuzz.Bytes;

/// <summary>An input that is tried as it is and damaged.</summary>
/// <param name="Name">What it is about.</param>
/// <param name="Bytes">The input.</param>
public sealed record Seed(string Name, byte[] Bytes)
{
    /// <summary>Whether it takes so long that it is only tried as it is.</summary>
    public bool IsHeavy { get; init; }

    /// <summary>The kept inputs of a target: found by coverage, or once the input of a bug. In the order of their names.</summary>
    public static IEnumerable<Seed> Kept(string target)
    {
        System.Reflection.Assembly self = typeof(Seed).Assembly;
        string prefix = $"Corpus/{target}/";
        foreach (string name in self.GetManifestResourceNames().Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using Stream stream = self.GetManifestResourceStream(name)!; // it was listed
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            yield return new Seed(name[prefix.Length..], bytes);
        }
    }
}
