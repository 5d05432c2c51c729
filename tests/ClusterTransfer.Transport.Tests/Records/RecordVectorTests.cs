using ClusterTransfer.Transport.Records;

namespace ClusterTransfer.Transport.Tests.Records;

/// <summary>The exact bytes of records: kept as data, made by the product, and computed from the description alone.</summary>
public sealed class RecordVectorTests
{
    private static readonly string[] s_texts = ["", "first", "second, of another length than the block of any cipher", "", "after the ratchet"];
    private static readonly RecordKind[] s_kinds = [RecordKind.Begin, RecordKind.Data, RecordKind.Data, RecordKind.Close, RecordKind.Data];

    public static TheoryData<string, bool> Cases => new()
    {
        { "Aes256Gcm", true }, { "Aes256Gcm", false }, { "ChaCha20Poly1305", true }, { "ChaCha20Poly1305", false },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Records_OfFixedSecrets_AreTheGoldenBytes(string suite, bool fromDialler)
    {
        using var sealer = new RecordSealer(SealSamples.Context(Enum.Parse<SealSuite>(suite)), fromDialler, new SealLimits(Records: 3));

        string[] records = [.. Texts.Select((text, at) => Convert.ToHexStringLower(sealer.Seal(s_kinds[at], text)))];

        Assert.Equal(Golden(suite, fromDialler), records);
    }

    // Nothing of the product but the numbers of suites and kinds.
    [Theory]
    [MemberData(nameof(Cases))]
    public void GoldenBytes_AreWhatTheDescriptionSays(string suite, bool fromDialler)
    {
        SealContext context = SealSamples.Context(Enum.Parse<SealSuite>(suite));
        byte[] secret = ByHand.Expand(
            ByHand.Extract(context.ConnectionNonce, context.Secret),
            [.. ByHand.Label(fromDialler ? "ClusterTransfer sealed 1 dialler" : "ClusterTransfer sealed 1 accept"), (byte)context.Suite, .. context.DiallerCertificateHash, .. context.AcceptorCertificateHash],
            32);
        var records = new List<string>();
        for (int at = 0; at < s_texts.Length; at++)
        {
            (ushort phase, ulong number) = ((ushort)(at / 3), (ulong)at);
            if (at == 3)
            {
                secret = ByHand.Expand(secret, ByHand.Label("ClusterTransfer sealed 1 next"), 32);
            }

            byte[] key = ByHand.Expand(secret, ByHand.Label("ClusterTransfer sealed 1 key"), 32);
            byte[] nonce = ByHand.Nonce(ByHand.Expand(secret, ByHand.Label("ClusterTransfer sealed 1 iv"), 12), number);
            byte[] text = Texts[at];
            byte[] header = [.. BitConverter.GetBytes(text.Length), (byte)s_kinds[at], 0, .. BitConverter.GetBytes(phase)];
            byte[] body = suite == "Aes256Gcm" ? ByHand.AesGcm(key, nonce, text, header) : ByHand.ChaCha20Poly1305(key, nonce, text, header);
            records.Add(Convert.ToHexStringLower([.. header, .. body]));
        }

        Assert.Equal(Golden(suite, fromDialler), records);
    }

    private static byte[][] Texts => [.. s_texts.Select(System.Text.Encoding.ASCII.GetBytes)];

    private static string[] Golden(string suite, bool fromDialler)
    {
        string name = $"Records.Golden.{suite}-{(fromDialler ? "dialler" : "acceptor")}.hex";
        using Stream stream = typeof(RecordVectorTests).Assembly.GetManifestResourceStream(name) ?? throw new FileNotFoundException(name);
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith('#'))];
    }
}
