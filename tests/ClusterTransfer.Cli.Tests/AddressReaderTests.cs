using ClusterTransfer.Cli.Addresses;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Tests;

public sealed class AddressReaderTests
{
    private static readonly LocationResource[] Locations =
    [
        Location("root-a", "/srv/a"), Location("deep", "/srv/a/deep/"), Location("other", "/srv/b"),
        new LocationResource { Name = new LocationName("far"), Node = new NodeId("beta"), ReadOnly = false },
    ];

    [Theory]
    [InlineData("data:x/y", "data:x/y")]
    [InlineData("data:", "data:")]
    [InlineData("data:x:y", "data:x:y")]
    [InlineData("/srv/a/x", "root-a:x")]
    [InlineData("/srv/a", "root-a:")]
    [InlineData("/srv/a/", "root-a:")]
    [InlineData("/srv/a/deep/x/", "deep:x")]
    [InlineData("/srv/a/deeper", "root-a:deeper")]
    [InlineData("x", "root-a:photos/x")]
    [InlineData("./a:b", "root-a:photos/a:b")]
    [InlineData("../../b/z", "other:z")]
    [InlineData("sub/a:b", "root-a:photos/sub/a:b")]
    public async Task Read_GivesAnAddress(string text, string address) => Assert.Equal(address, await Reader().ReadAsync(text));

    [Theory]
    [InlineData("data:/x", "data:x")]
    [InlineData("data:a/../b", "relative/path")]
    [InlineData("Data:x", "./NAME")]
    [InlineData("@group:x", "group")]
    [InlineData("", "location:path")]
    public async Task Read_WhenMalformed_IsUsageWithRemedy(string text, string remedy)
    {
        ClusterTransferException error = await Assert.ThrowsAnyAsync<ClusterTransferException>(() => Reader().ReadAsync(text));

        Assert.Equal(2, error.Reason.Info().ExitCode);
        Assert.Contains(remedy, $"{error.Message} {((Output.CliException)error).Remedy}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("/srv/ab")]
    [InlineData("C:\\x")]
    public async Task Read_OfAPathInNoLocation_SaysHowToAddOne(string text)
    {
        ClusterTransferException error = await Assert.ThrowsAnyAsync<ClusterTransferException>(
            () => new AddressReader("/home/me", () => Task.FromResult<IReadOnlyList<LocationResource>>(Locations)).ReadAsync(text));

        Assert.Equal(3, error.Reason.Info().ExitCode);
        Assert.Contains("locations {", ((Output.CliException)error).Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_OfAnAddress_AsksNobody() =>
        Assert.Equal("data:x", await new AddressReader("/", () => throw new InvalidOperationException("asked")).ReadAsync("data:x"));

    private static AddressReader Reader() => new("/srv/a/photos", () => Task.FromResult<IReadOnlyList<LocationResource>>(Locations));

    private static LocationResource Location(string name, string folder) =>
        new() { Name = new LocationName(name), Node = new NodeId("alpha"), ReadOnly = false, Folder = folder };
}
