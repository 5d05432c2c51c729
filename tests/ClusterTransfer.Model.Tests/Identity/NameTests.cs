namespace ClusterTransfer.Model.Tests.Identity;

public sealed class NameTests
{
    public static TheoryData<string> BadNames =>
        ["", "-a", "a-", "A", "aB", "a_b", "a.b", "a b", "a/b", "..", "é", "a\n", "\0", "a\0b", "ａ", new string('a', 64)];

    [Theory]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("alpha-1")]
    [InlineData("a--b")]
    public void NodeId_ValidName_IsKept(string name)
    {
        Assert.Equal(name, new NodeId(name).Value);
        Assert.True(NodeId.TryParse(name, null, out NodeId id));
        Assert.Equal(new NodeId(name), id);
        Assert.Equal(name, id.ToString());
    }

    [Theory]
    [MemberData(nameof(BadNames))]
    public void Names_Bad_AreRefused(string name)
    {
        Assert.False(NodeId.TryParse(name, null, out NodeId node));
        Assert.Equal(default, node);
        Assert.False(LocationName.TryParse(name, null, out _));
        Assert.Throws<FormatException>(() => new NodeId(name));
        Assert.Throws<FormatException>(() => new LocationName(name));
    }

    [Fact]
    public void LocationName_OfOneCharacter_IsRefusedBecauseOfDriveLetters()
    {
        Assert.False(LocationName.TryParse("c", null, out _));
        Assert.True(LocationName.TryParse("cd", null, out _));
        Assert.True(LocationName.TryParse(new string('a', 63), null, out _));
    }

    [Fact]
    public void Names_Null_AreRefused()
    {
        Assert.False(NodeId.TryParse(null, null, out _));
        Assert.False(LocationName.TryParse(null, null, out _));
        Assert.False(TransferId.TryParse(null, null, out _));
        Assert.False(Digest.TryParse(null, null, out _));
    }

    [Fact]
    public void Names_Default_AreEmptyText()
    {
        Assert.Equal(string.Empty, default(NodeId).Value);
        Assert.Equal(string.Empty, default(LocationName).ToString());
        Assert.Equal(string.Empty, default(TransferId).Value);
    }
}
