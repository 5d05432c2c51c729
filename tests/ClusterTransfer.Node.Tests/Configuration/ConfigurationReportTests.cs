using ClusterTransfer.Node.Configuration;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Node.Tests.Configuration;

public sealed class ConfigurationReportTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public static TheoryData<string> Keys => [.. ConfigurationReport.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Keys))]
    public void Find_EveryKey_HasUnitRangeAndReason(string path)
    {
        ConfiguredKey key = ConfigurationReport.Read(null, null, _ => null).Find(path)!;
        Assert.Equal(path, key.Key);
        Assert.False(string.IsNullOrEmpty(key.Unit));
        Assert.False(string.IsNullOrEmpty(key.Range));
        Assert.InRange(key.Reason.Length, 10, 400);
        Assert.DoesNotContain("Want:", key.Reason, StringComparison.Ordinal);
        Assert.Equal(ConfigurationSource.Default, key.Source);
        Assert.Equal(key.Default, key.Value);
        Assert.Equal(key.IsRequired, key.Default is null);
    }

    [Theory]
    [InlineData("transfers.chunk-retries", "2", ConfigurationSource.File, ":2:")]
    [InlineData("cluster-transfer.transfers.chunk-retries", "2", ConfigurationSource.File, ":2:")]
    [InlineData("bus.heartbeat-misses", "4", ConfigurationSource.Environment, "CT_BUS_HEARTBEAT_MISSES")]
    [InlineData("log.level", "debug", ConfigurationSource.Environment, "MY_LEVEL")]
    [InlineData("data-plane.workers", "6", ConfigurationSource.Flag, "data-plane.workers")]
    [InlineData("data-plane.connections", "4", ConfigurationSource.Default, null)]
    [InlineData("hub.address", "null", ConfigurationSource.File, ":5:")]
    [InlineData("my.own", "7", ConfigurationSource.File, ":1:")]
    [InlineData("my.list", "[1,x]", ConfigurationSource.File, ":1:")]
    public void Find_ValueAndWhereItComesFrom(string key, string value, ConfigurationSource source, string? place)
    {
        ConfiguredKey found = Report(
            """
            my { own = 7, list = [1, x] }
            cluster-transfer.transfers.chunk-retries = 2
            cluster-transfer.data-plane.workers = 5
            cluster-transfer.log.level = ${?MY_LEVEL}
            cluster-transfer.hub.address = null
            """,
            new() { ["data-plane.workers"] = "6" },
            new() { ["CT_BUS_HEARTBEAT_MISSES"] = "4", ["MY_LEVEL"] = "debug", ["CT_LOG_LEVEL"] = string.Empty }).Find(key)!;
        Assert.Equal((value, source), (found.Value, found.Source));
        Assert.Contains(place ?? string.Empty, found.Place ?? string.Empty, StringComparison.Ordinal);
        Assert.Equal(place is null, found.Place is null);
    }

    [Fact]
    public void Find_InvalidValue_ShowsWhatWasWrittenAndTheProblem()
    {
        ConfiguredKey key = Report("cluster-transfer.transfers.chunk-retries = often").Find("transfers.chunk-retries")!;
        Assert.Equal("often", key.Value);
        Assert.Contains("want 1 to 100; got \"often\"", Assert.Single(key.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("transfers")]
    [InlineData("transfers.none")]
    [InlineData("locations.data")]
    [InlineData("")]
    [InlineData("a{")]
    public void Find_NoKey_IsNull(string key) => Assert.Null(Report(string.Empty).Find(key));

    [Fact]
    public void FindSection_HasDefaultsAndLocations()
    {
        ConfigurationReport report = Report("cluster-transfer { locations { ab { folder = x }, \"y.z\" { folder = q } }, bus.reconnect-min = 1s }");
        Assert.Equal(["250ms"], ConfigurationReport.Read(null, null, _ => null).FindSection("bus").Where(key => key.Key == "bus.reconnect-min").Select(key => key.Value));
        Assert.Equal("1s", report.FindSection("cluster-transfer.bus")[0].Value);
        Assert.Equal([_folder["x"], "false", "direct"], report.FindSection("locations").Select(key => key.Value));
        Assert.True(report.FindSection("cluster-transfer").Count > ConfigurationReport.Keys.Count);
        Assert.Empty(report.FindSection("nothing"));
    }

    [Fact]
    public void Read_SubstitutionsWithoutValue_AreProblemsTogether()
    {
        NodeConfigurationException error = Assert.Throws<NodeConfigurationException>(() => Report("a = ${x}\nb = ${y}"));
        Assert.Equal(2, error.Problems.Count);
    }

    private ConfigurationReport Report(string text, Dictionary<string, string>? overrides = null, Dictionary<string, string>? environment = null)
    {
        File.WriteAllText(_folder["node.conf"], text);
        return ConfigurationReport.Read(_folder["node.conf"], overrides, name => environment?.GetValueOrDefault(name));
    }
}
