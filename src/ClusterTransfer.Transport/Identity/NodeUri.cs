using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using ClusterTransfer.Model;

namespace ClusterTransfer.Transport.Identity;

/// <summary>The node name inside a certificate: a subject alternative name of kind URI, <c>clustertransfer://node/NAME</c>.</summary>
internal static class NodeUri
{
    private const string Prefix = "clustertransfer://node/";
    private const string AlternativeNames = "2.5.29.17";

    // GeneralName ::= CHOICE { ..., uniformResourceIdentifier [6] IA5String, ... }
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    public static Uri Of(NodeId node) => new(Prefix + node.Value);

    /// <summary>Reads the only node name of a certificate; false when it has none, several, or any other URI beside it.</summary>
    public static bool TryRead(X509Certificate2 certificate, out NodeId node)
    {
        node = default;
        X509Extension? names = null;
        foreach (X509Extension extension in certificate.Extensions)
        {
            if (extension.Oid?.Value == AlternativeNames)
            {
                if (names is not null)
                {
                    return false;
                }

                names = extension;
            }
        }

        try
        {
            return names is not null && ReadOnlyUri(names.RawData) is { } uri
                && uri.StartsWith(Prefix, StringComparison.Ordinal)
                && NodeId.TryParse(uri[Prefix.Length..], null, out node);
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private static string? ReadOnlyUri(byte[] extension)
    {
        var reader = new AsnReader(extension, AsnEncodingRules.DER);
        AsnReader names = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        string? found = null;
        while (names.HasData)
        {
            if (!names.PeekTag().HasSameClassAndValue(UriTag))
            {
                names.ReadEncodedValue();
                continue;
            }

            string uri = names.ReadCharacterString(UniversalTagNumber.IA5String, UriTag);
            if (found is not null)
            {
                return null;
            }

            found = uri;
        }

        return found;
    }
}
