using System.Security.Cryptography.X509Certificates;
using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Identity;
using ClusterTransfer.Transport.Tests.Support;

namespace ClusterTransfer.Transport.Tests.Identity;

public sealed class ClusterAuthorityTests : IDisposable
{
    private static readonly NodeId Node = new("site-a");
    private readonly TestFolder _folder = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Create_InNewFolder_WritesKeyForTheOwnerOnly()
    {
        IssuedFiles files = ClusterAuthority.Create(_folder["ca"], "test", _time);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(files.KeyFile));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder["ca"]));
        using X509Certificate2 authority = X509CertificateLoader.LoadCertificateFromFile(files.CertificateFile);
        Assert.Equal(_time.GetUtcNow().AddDays(3650), authority.NotAfter);
        Assert.True(authority.NotBefore < _time.GetUtcNow());
    }

    [Fact]
    public void Create_WhenAFileExists_RefusesAndChangesNothing()
    {
        ClusterAuthority.Create(_folder["ca"], "test", _time);
        byte[] before = File.ReadAllBytes(_folder["ca", "ca.key"]);

        ClusterTransferException error = Assert.Throws<ClusterTransferException>(() => ClusterAuthority.Create(_folder["ca"], "test", _time));

        Assert.Equal(Reason.DestinationExists, error.Reason);
        Assert.Contains("ca.key", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_folder["ca", "ca.key"]));
    }

    [Fact]
    public void Issue_ForANode_IsAcceptedAsThatNode()
    {
        ClusterAuthority.Create(_folder["ca"], "test", _time);

        IssuedFiles files = ClusterAuthority.Issue(_folder["ca"], Node, ["a.example", "10.0.0.1", "::1"], _folder["a"], _time);

        using NodeIdentity identity = NodeIdentity.Load(_folder["ca", "ca.crt"], files.CertificateFile, files.KeyFile, Node, _time);
        Assert.Equal(new PeerVerdict(Node, null), new PeerVerifier(identity, _time).Verify(identity.Certificate));
        Assert.Equal(_time.GetUtcNow().AddDays(825), identity.Certificate.NotAfter);
        Assert.True(identity.Certificate.MatchesHostname("a.example"));
        Assert.True(identity.Certificate.MatchesHostname("10.0.0.1"));
    }

    [Fact]
    public void Issue_NearTheAuthoritysEnd_EndsWithIt()
    {
        IssuedFiles authority = ClusterAuthority.Create(_folder["ca"], "test", _time, new AuthorityOptions { AuthorityValidity = TimeSpan.FromDays(10) });

        IssuedFiles files = ClusterAuthority.Issue(_folder["ca"], Node, [], _folder["a"], _time);

        Assert.Equal(authority.NotAfter, files.NotAfter);
    }

    [Fact]
    public void Issue_WhenTheCertificateExists_LeavesNoKeyBehind()
    {
        ClusterAuthority.Create(_folder["ca"], "test", _time);
        File.WriteAllText(_folder["site-a.crt"], "mine");

        Assert.Throws<ClusterTransferException>(() => ClusterAuthority.Issue(_folder["ca"], Node, [], _folder.Path, _time));

        Assert.False(File.Exists(_folder["site-a.key"]));
        Assert.Equal("mine", File.ReadAllText(_folder["site-a.crt"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\u001b[31m")]
    public void Issue_ForAMalformedHost_RefusesIt(string host)
    {
        ClusterAuthority.Create(_folder["ca"], "test", _time);

        ClusterTransferException error = Assert.Throws<ClusterTransferException>(() => ClusterAuthority.Issue(_folder["ca"], Node, [host], _folder["a"], _time));

        Assert.Equal(Reason.InvalidRequest, error.Reason);
        Assert.DoesNotContain('\u001b', error.Message);
    }

    [Fact]
    public void Issue_ByAnExpiredAuthority_Refuses()
    {
        ClusterAuthority.Create(_folder["ca"], "test", _time, new AuthorityOptions { AuthorityValidity = TimeSpan.FromDays(1) });
        _time.Advance(TimeSpan.FromDays(2));

        ClusterTransferException error = Assert.Throws<ClusterTransferException>(() => ClusterAuthority.Issue(_folder["ca"], Node, [], _folder["a"], _time));

        Assert.Contains("expired", error.Message, StringComparison.Ordinal);
    }
}
