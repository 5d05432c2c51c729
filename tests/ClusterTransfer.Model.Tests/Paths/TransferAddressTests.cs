namespace ClusterTransfer.Model.Tests.Paths;

public sealed class TransferAddressTests
{
    [Theory]
    [InlineData("data:in/x", "data", "in/x")]
    [InlineData("data:", "data", "")]
    [InlineData("site-a:a:b", "site-a", "a:b")]
    [InlineData("d1:x//y/", "d1", "x/y")]
    public void TryParse_Address(string text, string location, string path)
    {
        Assert.True(TransferAddress.TryParse(text, out TransferAddress? address, out _));
        Assert.Equal(location, address.Location.Value);
        Assert.Equal(path, address.Path.ToString());
        Assert.Equal($"{location}:{path}", address.ToString());
    }

    [Theory]
    [InlineData("in/x", "has no location", "data:in/x")]
    [InlineData("/srv/x", "has no location", "data:srv/x")]
    [InlineData("", "has no location", "location:path")]
    [InlineData("C:\\x", "'C' is not a location name", "2 to 63")]
    [InlineData("c:x", "'c' is not a location name", "2 to 63")]
    [InlineData(":x", "'' is not a location name", "2 to 63")]
    [InlineData("Data:x", "'Data' is not a location name", "a-z")]
    [InlineData("data:/x", "is refused", "leave the '/' away")]
    [InlineData("data:../x", "is refused", "'..'")]
    [InlineData("da\nta:x", "'da\\x0ata'", "not a location name")]
    public void TryParse_Error_NamesTheInputAndTheRemedy(string text, string what, string remedy)
    {
        Assert.False(TransferAddress.TryParse(text, out TransferAddress? address, out string? problem));
        Assert.Null(address);
        Assert.Contains(what, problem, StringComparison.Ordinal);
        Assert.Contains(remedy, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Equality_IsOfLocationAndPath()
    {
        Assert.True(TransferAddress.TryParse("data:x", out TransferAddress? one, out _));
        Assert.True(TransferAddress.TryParse("data:x/", out TransferAddress? same, out _));
        Assert.True(TransferAddress.TryParse("data:y", out TransferAddress? other, out _));
        Assert.Equal(one, same);
        Assert.NotEqual(one, other);
    }
}
