using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTransfer.Transport.Tests.Support;

/// <summary>Makes certificates that the authority would never issue.</summary>
internal sealed class CertificateForge : IDisposable
{
    public const string Server = "1.3.6.1.5.5.7.3.1";
    public const string Client = "1.3.6.1.5.5.7.3.2";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public CertificateForge(DateTimeOffset now)
    {
        Now = now;
        var request = new CertificateRequest("CN=cluster", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        Authority = request.CreateSelfSigned(now.AddYears(-2), now.AddYears(2));
    }

    public X509Certificate2 Authority { get; }

    public DateTimeOffset Now { get; }

    public X509Certificate2 Leaf(Recipe recipe)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=leaf", key, HashAlgorithmName.SHA256);
        if (recipe.IsAuthority is { } isAuthority)
        {
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        }

        if (recipe.Usages.Length > 0)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. recipe.Usages.Select(usage => new Oid(usage))], false));
        }

        if (recipe.Uris.Length > 0)
        {
            var names = new SubjectAlternativeNameBuilder();
            Array.ForEach(recipe.Uris, uri => names.AddUri(new Uri(uri)));
            request.CertificateExtensions.Add(names.Build());
        }

        DateTimeOffset from = Now + recipe.From;
        DateTimeOffset until = Now + recipe.Until;
        if (recipe.SelfSigned)
        {
            return request.CreateSelfSigned(from, until);
        }

        using X509Certificate2 signed = request.Create(Authority, from, until, RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    public void Dispose()
    {
        Authority.Dispose();
        _key.Dispose();
    }

    /// <summary>What to put in; the default is a good certificate of node b.</summary>
    public sealed record Recipe
    {
        public string[] Uris { get; init; } = ["clustertransfer://node/b"];

        public string[] Usages { get; init; } = [Server, Client];

        public bool? IsAuthority { get; init; } = false;

        public bool SelfSigned { get; init; }

        public TimeSpan From { get; init; } = TimeSpan.FromDays(-1);

        public TimeSpan Until { get; init; } = TimeSpan.FromDays(1);
    }
}
