using System.Text.RegularExpressions;

namespace ClusterTransfer.Model.Tests.Transfers;

/// <summary>Reasons are what scripts compare: each has its line in the catalogue.</summary>
public sealed partial class ReasonCatalogueTests
{
    public static TheoryData<Reason> Reasons => [.. Enum.GetValues<Reason>()];

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Reason_HasInfo(Reason reason)
    {
        Assert.True(ReasonCatalogue.All.TryGetValue(reason, out ReasonInfo? info), $"{reason} has no line in the catalogue.");
        Assert.Matches(Kebab(), info.Code);
        Assert.InRange(info.ExitCode, 0, 18);
        Assert.InRange(info.HttpStatus, 200, 599);
        Assert.True(Enum.IsDefined(info.Class));
        Assert.EndsWith(".", info.Title, StringComparison.Ordinal);
        Assert.EndsWith(".", info.Remedy, StringComparison.Ordinal);
        Assert.Equal(reason, ReasonCatalogue.FromCode(info.Code));
    }

    [Fact]
    public void Codes_AreUnique() => Assert.Equal(ReasonCatalogue.All.Count, ReasonCatalogue.All.Values.Select(info => info.Code).Distinct().Count());

    [Fact]
    public void Codes_AreTheNamesOfTheReasons() =>
        // What code, journal, API and CLI call a reason is one word.
        Assert.All(ReasonCatalogue.All, pair => Assert.Equal(pair.Key.ToString(), pair.Value.Code.Replace("-", string.Empty, StringComparison.Ordinal), ignoreCase: true));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("no-such-thing")]
    [InlineData("NoSpace")]
    public void FromCode_Unknown_IsUnclassified(string? code) => Assert.Equal(Reason.Unclassified, ReasonCatalogue.FromCode(code));

    [Theory]
    [InlineData(Reason.None, 0)]
    [InlineData(Reason.InvalidRequest, 2)]
    [InlineData(Reason.PathNotFound, 3)]
    [InlineData(Reason.PartlyDelivered, 4)]
    [InlineData(Reason.SessionLost, 5)]
    [InlineData(Reason.ChunkCorrupt, 6)]
    [InlineData(Reason.IntegrityFailure, 6)]
    [InlineData(Reason.NotAuthenticated, 7)]
    [InlineData(Reason.LimitReached, 8)]
    [InlineData(Reason.TimedOut, 10)]
    [InlineData(Reason.Cancelled, 11)]
    [InlineData(Reason.NoSpace, 12)]
    [InlineData(Reason.DestinationExists, 13)]
    [InlineData(Reason.NodeUnreachable, 14)]
    [InlineData(Reason.VersionMismatch, 15)]
    [InlineData(Reason.SourceChanged, 16)]
    [InlineData(Reason.IdentityRefused, 17)]
    [InlineData(Reason.DestinationNotWritable, 18)]
    public void ExitCodes_AreThePublishedOnes(Reason reason, int exitCode) => Assert.Equal(exitCode, reason.Info().ExitCode);

    [Fact]
    public void Exception_CarriesItsProblem()
    {
        var error = new ClusterTransferException(Reason.NoSpace, "'x' needs 5 bytes.");
        Assert.Equal(Reason.NoSpace, error.Reason);
        Assert.Equal("'x' needs 5 bytes.", error.Message);
        Assert.Equal("no-space: 'x' needs 5 bytes.", error.Problem.ToString());
    }

    [GeneratedRegex("^[a-z]+(-[a-z]+)*$")]
    private static partial Regex Kebab();
}
