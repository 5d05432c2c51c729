using System.Security.Cryptography.X509Certificates;
using ClusterTransfer.Model;
using ClusterTransfer.Transport.Identity;
using ClusterTransfer.Transport.Tests.Support;

namespace ClusterTransfer.Transport.Tests.Identity;

/// <summary>Row L1, at the decision itself.</summary>
public sealed class PeerVerifierTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly CertificateForge _forge;

    public PeerVerifierTests() => _forge = new CertificateForge(_time.GetUtcNow());

    public static TheoryData<string> Kinds => BadCertificates.Kinds;

    private PeerVerifier Verifier => new([_forge.Authority], _time);

    public void Dispose() => _forge.Dispose();

    [Fact]
    public void Verify_AGoodCertificate_ProvesItsNode()
    {
        using X509Certificate2 good = _forge.Leaf(new CertificateForge.Recipe());

        PeerVerdict verdict = Verifier.Verify(good);

        Assert.True(verdict.IsAccepted);
        Assert.Equal(new NodeId("b"), verdict.Node);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Verify_ABadCertificate_Refuses(string kind)
    {
        using X509Certificate2 bad = BadCertificates.Make(kind, _forge);

        AssertRefused(Verifier.Verify(bad));
    }

    [Fact]
    public void Verify_NoCertificate_Refuses() => AssertRefused(Verifier.Verify(null));

    [Fact]
    public void Verify_TheAuthorityItself_Refuses() => AssertRefused(Verifier.Verify(_forge.Authority));

    [Fact]
    public void Verify_WhenTheAuthorityHasExpired_Refuses()
    {
        using X509Certificate2 good = _forge.Leaf(new CertificateForge.Recipe { Until = TimeSpan.FromDays(700) });
        _time.Advance(TimeSpan.FromDays(699));
        Assert.True(Verifier.Verify(good).IsAccepted);

        _time.Advance(TimeSpan.FromDays(100));

        AssertRefused(Verifier.Verify(good));
    }

    [Fact]
    public void Verdict_ByDefault_IsNotAccepted() => Assert.False(default(PeerVerdict).IsAccepted);

    private static void AssertRefused(PeerVerdict verdict)
    {
        Assert.False(verdict.IsAccepted);
        Assert.Equal(Reason.IdentityRefused, verdict.Problem?.Reason);
        Assert.Equal(default, verdict.Node);
    }
}
