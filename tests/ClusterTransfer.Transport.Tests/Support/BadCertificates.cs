using System.Security.Cryptography.X509Certificates;

namespace ClusterTransfer.Transport.Tests.Support;

/// <summary>The certificates of row L1: each is wrong in one way.</summary>
internal static class BadCertificates
{
    private static readonly Dictionary<string, (CertificateForge.Recipe Recipe, bool OtherAuthority)> Recipes = new()
    {
        ["self-signed"] = (new() { SelfSigned = true }, false),
        ["wrong authority of the same name"] = (new(), true),
        ["expired"] = (new() { From = TimeSpan.FromDays(-9), Until = TimeSpan.FromDays(-1) }, false),
        ["not yet valid"] = (new() { From = TimeSpan.FromDays(1), Until = TimeSpan.FromDays(9) }, false),
        ["authority leaf"] = (new() { IsAuthority = true }, false),
        ["no basic constraints"] = (new() { IsAuthority = null }, false),
        ["no client usage"] = (new() { Usages = [CertificateForge.Server] }, false),
        ["no server usage"] = (new() { Usages = [CertificateForge.Client] }, false),
        ["no usage at all"] = (new() { Usages = [] }, false),
        ["two node names"] = (new() { Uris = ["clustertransfer://node/b", "clustertransfer://node/c"] }, false),
        ["no node name"] = (new() { Uris = [] }, false),
        ["a name of another kind"] = (new() { Uris = ["https://node/b"] }, false),
        ["a name that is none"] = (new() { Uris = ["clustertransfer://node/b/c"] }, false),
    };

    public static TheoryData<string> Kinds => [.. Recipes.Keys];

    public static X509Certificate2 Make(string kind, CertificateForge forge)
    {
        (CertificateForge.Recipe recipe, bool otherAuthority) = Recipes[kind];
        if (!otherAuthority)
        {
            return forge.Leaf(recipe);
        }

        using var other = new CertificateForge(forge.Now);
        return other.Leaf(recipe);
    }
}
