using ClusterTransfer.Hocon;

namespace ClusterTransfer.Node.Configuration;

/// <summary>The reasons that <c>hocon/reference.conf</c> gives for its keys; a copy of it is in this assembly.</summary>
internal static class ReferenceComments
{
    private static readonly Lazy<(string[] Lines, HoconObject Root)> Reference = new(Read);

    /// <summary>Why a key or section is there, in one line; empty when it is not in the file.</summary>
    public static string ReasonOf(string path)
    {
        (string[] lines, HoconObject root) = Reference.Value;
        if (!root.TryGet($"{ConfigurationKeys.Root}.{path}", out HoconValue? value))
        {
            return string.Empty;
        }

        int end = value.Origin.Line - 1;
        int start = end;
        while (start > 0 && lines[start - 1].TrimStart().StartsWith('#'))
        {
            start--;
        }

        // Lines that are indented further show how to write it.
        IEnumerable<string> comment = lines[start..end].Select(line => line.TrimStart()[1..]).Where(line => !line.StartsWith("   ", StringComparison.Ordinal)).Select(line => line.Trim());
        string reason = string.Join(' ', comment).Split("Want:")[0].Trim();
        int dot = path.LastIndexOf('.');
        return reason.Length > 0 || dot < 0 ? reason : ReasonOf(path[..dot]);
    }

    private static (string[] Lines, HoconObject Root) Read()
    {
        using Stream stream = typeof(ReferenceComments).Assembly.GetManifestResourceStream("reference.conf")!;   // the project file puts it there
        using var reader = new StreamReader(stream);
        string text = reader.ReadToEnd();
        return (text.Split('\n'), HoconParser.Parse(text, "reference.conf").Value);
    }
}
