using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Identity;
using ClusterTransfer.Transport.Tests.Support;

namespace ClusterTransfer.Transport.Tests.Identity;

public sealed class NodeIdentityTests : IDisposable
{
    private static readonly NodeId Node = new("a");
    private readonly TestFolder _folder = new();
    private readonly ManualTime _time = new();

    public NodeIdentityTests()
    {
        ClusterAuthority.Create(_folder["ca"], "test", _time);
        ClusterAuthority.Issue(_folder["ca"], Node, [], _folder.Path, _time);
    }

    private string Authority => _folder["ca", "ca.crt"];

    private string Certificate => _folder["a.crt"];

    private string Key => _folder["a.key"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_WhenAllIsWell_HasKeyAndName()
    {
        using NodeIdentity identity = NodeIdentity.Load(Authority, Certificate, Key, Node, _time);

        Assert.Equal(Node, identity.Name);
        Assert.True(identity.Certificate.HasPrivateKey);
    }

    [Theory]
    [InlineData("ca/ca.crt")]
    [InlineData("a.crt")]
    [InlineData("a.key")]
    public void Load_WhenAFileIsMissing_NamesItAndTheRemedy(string file)
    {
        File.Delete(_folder[file]);

        AssertRefused(Path.GetFileName(file), "ct pki issue");
    }

    [Theory]
    [InlineData("ca/ca.crt")]
    [InlineData("a.crt")]
    [InlineData("a.key")]
    public void Load_WhenAFileHoldsSomethingElse_NamesIt(string file)
    {
        File.WriteAllText(_folder[file], "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");

        AssertRefused(Path.GetFileName(file));
    }

    [Fact]
    public void Load_WhenAFileIsAFolder_NamesIt()
    {
        File.Delete(Certificate);
        Directory.CreateDirectory(Certificate);

        AssertRefused("a.crt", "cannot be read");
    }

    [Fact]
    public void Load_WhenTheKeyIsAnothers_SaysSo()
    {
        ClusterAuthority.Issue(_folder["ca"], Node, [], _folder["other"], _time);
        File.Copy(_folder["other", "a.key"], Key, overwrite: true);

        AssertRefused("a.key", "does not belong");
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    public void Load_WhenOthersMayReadTheKey_Refuses(UnixFileMode extra)
    {
        File.SetUnixFileMode(Key, UnixFileMode.UserRead | UnixFileMode.UserWrite | extra);

        AssertRefused("a.key", "chmod 600");
    }

    [Fact]
    public void Load_WhenExpired_SaysSo()
    {
        _time.Advance(TimeSpan.FromDays(900));

        AssertRefused("a.crt", "expired on");
    }

    [Fact]
    public void Load_WhenNotYetValid_SaysSo() => AssertRefused(new ManualTime(), -1, "not valid before");

    [Fact]
    public void Load_WhenOfAnotherAuthority_SaysSo()
    {
        ClusterAuthority.Create(_folder["ca2"], "test", _time);

        AssertRefused(() => NodeIdentity.Load(_folder["ca2", "ca.crt"], Certificate, Key, Node, _time), "a.crt", "not signed by this cluster's authority");
    }

    [Fact]
    public void Load_WhenOfAnotherNode_NamesBoth() =>
        AssertRefused(() => NodeIdentity.Load(Authority, Certificate, Key, new NodeId("b"), _time), "a.crt", "node 'a'", "'b'");

    [Fact]
    public void Load_WithTwoAuthorities_AcceptsBothDuringAChange()
    {
        ClusterAuthority.Create(_folder["ca2"], "test", _time);
        File.WriteAllText(_folder["both.crt"], File.ReadAllText(_folder["ca2", "ca.crt"]) + File.ReadAllText(Authority));

        using NodeIdentity identity = NodeIdentity.Load(_folder["both.crt"], Certificate, Key, Node, _time);

        Assert.Equal(2, identity.Authority.Count);
    }

    private static void AssertRefused(Action load, params string[] parts)
    {
        ClusterTransferException error = Assert.Throws<ClusterTransferException>(load);
        Assert.Equal(Reason.IdentityRefused, error.Reason);
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    private void AssertRefused(params string[] parts) => AssertRefused(() => NodeIdentity.Load(Authority, Certificate, Key, Node, _time), parts);

    private void AssertRefused(ManualTime time, int days, string part)
    {
        time.Advance(TimeSpan.FromDays(days));
        AssertRefused(() => NodeIdentity.Load(Authority, Certificate, Key, Node, time), "a.crt", part);
    }
}
