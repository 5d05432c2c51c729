using ClusterTransfer.Hocon;
using ClusterTransfer.Node.Configuration;

namespace ClusterTransfer.Node.Tests.Configuration;

/// <summary>hocon/reference.conf and the options records say the same, in both directions.</summary>
public sealed class ReferenceConfTests
{
    private static readonly string[] Lines = File.ReadAllLines(RepositoryFiles.Hocon("reference.conf"));

    public static TheoryData<string> Keys => [.. ConfigurationKeys.All.Select(key => key.Path)];

    [Theory]
    [MemberData(nameof(Keys))]
    public void Key_InReference_HasTheDefaultOfTheRecords(string path)
    {
        ConfigurationKey key = Key(path);
        HoconValue value = Value(path);
        if (key.IsRequired)
        {
            Assert.True(value is HoconScalar { IsNull: true }, "A required key has no default.");
            return;
        }

        // Read into options that hold something else could hide a key that is not read at all; so compare what is shown.
        NodeOptions? read = key.Read(ConfigurationKeys.Defaults, value);
        Assert.NotNull(read);
        Assert.Equal(key.Show(ConfigurationKeys.Defaults), key.Show(read));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Key_InReference_HasItsRangeAndAReasonAsComment(string path)
    {
        int line = Value(path).Origin.Line - 1;
        var comment = new List<string>();
        while (Lines[--line].TrimStart().StartsWith('#'))
        {
            comment.Insert(0, Lines[line].Trim());
        }

        Assert.Contains($"Want: {Key(path).Wanted}", string.Join(' ', comment).Replace(" # ", " ", StringComparison.Ordinal), StringComparison.Ordinal);
        if (Key(path).IsRequired)
        {
            Assert.EndsWith("Required.", comment[^1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Reference_EveryKeyInIt_IsKnown()
    {
        HoconObject sections = Root().GetObject(ConfigurationKeys.Root);
        var paths = new List<string>();
        foreach ((string section, HoconValue value) in sections.Fields)
        {
            paths.AddRange(Assert.IsType<HoconObject>(value).Fields.Keys.Select(name => $"{section}.{name}"));
        }

        Assert.Equal(ConfigurationKeys.All.Select(key => key.Path), paths);
    }

    [Fact]
    public void Records_EveryProperty_IsReachedByAKey()
    {
        // A property without a key would be a default that nobody can find or change.
        string[] sections = ["Hub", "Api", "Data", "Tls", "DataPlane", "Transfers", "Bus", "Log"];
        int properties = sections.Sum(section => typeof(NodeOptions).GetProperty(section)!.PropertyType.GetProperties().Count(property => property.CanWrite));
        Assert.Equal(properties + 2, ConfigurationKeys.All.Count);
    }

    [Fact]
    public void EnvironmentNames_OfAllKeys_AreUnique() =>
        Assert.Equal(ConfigurationKeys.All.Count, ConfigurationKeys.All.Select(key => key.EnvironmentName).Distinct().Count());

    [Theory]
    [InlineData("hub.conf", "alpha", true)]
    [InlineData("mover.conf", "beta", false)]
    public void Sample_IsValid(string file, string name, bool hub)
    {
        NodeOptions options = NodeConfiguration.Load(RepositoryFiles.Hocon(file), environment: _ => null);
        Assert.Equal(name, options.Name.Value);
        Assert.Equal(hub, options.Hub.Enabled);
        Assert.EndsWith($"pki/{name}.key", options.Tls.Key, StringComparison.Ordinal);
        Assert.Single(options.Locations);
    }

    private static ConfigurationKey Key(string path) => ConfigurationKeys.All.Single(key => key.Path == path);

    private static HoconValue Value(string path) => Root().GetObject(ConfigurationKeys.Root).GetValue(path);

    private static HoconRoot Root() => HoconParser.ParseFile(RepositoryFiles.Hocon("reference.conf"));
}
