using ClusterTransfer.Hocon;

namespace ClusterTransfer.Node.Configuration;

/// <summary>Reads a node's configuration: command line over environment over file over defaults.</summary>
public static class NodeConfiguration
{
    /// <summary>Reads a file once, applies what overrides it, and checks everything.</summary>
    /// <param name="file">The HOCON file; paths in it are relative to the file they stand in.</param>
    /// <param name="overrides">From the command line: key, with or without the root section, to value, for example <c>api.listen</c> to <c>127.0.0.1:0</c>.
    /// Paths are relative to the current folder; lists are separated by commas; "null" clears.</param>
    /// <param name="environment">Answers environment variables, both <c>CT_...</c> and those named in the file; null asks the process. An empty one counts as not set.</param>
    /// <returns>Valid options.</returns>
    /// <exception cref="NodeConfigurationException">There are problems; it lists all of them.</exception>
    public static NodeOptions Load(string file, IReadOnlyDictionary<string, string>? overrides = null, Func<string, string?>? environment = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        environment ??= Environment.GetEnvironmentVariable;
        var reader = new ConfigurationReader();
        NodeOptions options = reader.Read(reader.Override(ReadFile(file, environment), overrides, environment));
        return reader.Problems.Count == 0 ? options : throw new NodeConfigurationException(file, [.. reader.Problems.Select(problem => problem.Text)]);
    }

    /// <summary>The file and what it includes, without what comes from outside.</summary>
    internal static HoconObject ReadFile(string file, Func<string, string?> environment)
    {
        try
        {
            return HoconParser.ParseFile(file, new HoconParserOptions { Environment = environment }).Value;
        }
        catch (HoconException error)
        {
            throw new NodeConfigurationException(file, [error.Message, .. error.More.Select(more => more.Message)], error);
        }
    }
}
