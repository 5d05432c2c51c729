using System.Reflection;

namespace ClusterTransfer.Wire.Tests;

/// <summary>Files that are embedded in the test program.</summary>
internal static class TestData
{
    public static Stream Open(string name) =>
        Assembly.GetExecutingAssembly().GetManifestResourceStream(name) ?? throw new FileNotFoundException($"No test data '{name}'.");

    /// <summary>Bytes of a text of hexadecimal digits; white space is left out, and lines that start with '#'.</summary>
    public static byte[] Hex(string name)
    {
        using var reader = new StreamReader(Open(name));
        IEnumerable<string> lines = reader.ReadToEnd().Split('\n').Where(line => !line.StartsWith('#'));
        return Convert.FromHexString(string.Concat(string.Concat(lines).Where(c => !char.IsWhiteSpace(c))));
    }

    /// <summary>Random bytes of a seed.</summary>
    public static byte[] Random(int seed, int length)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
