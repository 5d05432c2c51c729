using System.Security.Cryptography;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Wire.Tests.Frames;

public sealed class SessionProofTests
{
    private static readonly byte[] Secret = TestData.Random(seed: 1, 32);
    private static readonly byte[] SourceHash = TestData.Random(seed: 2, 32);
    private static readonly byte[] DestinationHash = TestData.Random(seed: 3, 32);
    private static readonly byte[] Nonce = TestData.Random(seed: 4, 32);
    private static readonly TransferId Transfer = new("0123456789abcdef");

    [Fact]
    public void Compute_IsTheDocumentedHmac()
    {
        byte[] label = new byte[32];
        "ClusterTransfer session proof 1"u8.CopyTo(label);
        byte[] input =
        [
            .. label, .. "0123456789abcdef"u8, 2, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 1, .. SourceHash, .. DestinationHash, .. Nonce,
        ];
        Assert.Equal(HMACSHA256.HashData(Secret, input), Proof());
    }

    [Fact]
    public void Compute_WithAnyInputChanged_GivesAnotherProof()
    {
        byte[] proof = Proof();
        byte[][] others =
        [
            Proof(secret: TestData.Random(seed: 9, 32)),
            Proof(transfer: new TransferId("0123456789abcdeg")),
            Proof(epoch: new Epoch(1, 3)),
            Proof(epoch: new Epoch(2, 2)),
            Proof(session: new SessionId(10)),
            Proof(role: SessionRole.Destination),
            Proof(source: DestinationHash),
            Proof(source: DestinationHash, destination: SourceHash),
            Proof(nonce: TestData.Random(seed: 9, 32)),
        ];
        Assert.All(others, other => Assert.False(SessionProof.Matches(proof, other)));
        Assert.True(SessionProof.Matches(proof, Proof()));
    }

    [Fact]
    public void ConnectionNonce_KnowsWhoDialled() =>
        Assert.NotEqual(SessionProof.ConnectionNonce(SourceHash, Nonce), SessionProof.ConnectionNonce(Nonce, SourceHash));

    [Fact]
    public void Compute_WithAShortSecretOrHash_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => Proof(secret: new byte[15]));
        Assert.Throws<ArgumentException>(() => Proof(source: new byte[31]));
        Assert.Throws<ArgumentException>(() => Proof(destination: []));
        Assert.Throws<ArgumentException>(() => Proof(nonce: new byte[33]));
        Assert.Throws<ArgumentException>(() => SessionProof.Compute(Secret, default, default, default, SessionRole.Source, SourceHash, DestinationHash, Nonce));
    }

    [Fact]
    public void Matches_OfEmptyProofs_IsFalse() => Assert.False(SessionProof.Matches([], []));

    private static byte[] Proof(
        byte[]? secret = null, TransferId? transfer = null, Epoch? epoch = null, SessionId? session = null,
        SessionRole role = SessionRole.Source, byte[]? source = null, byte[]? destination = null, byte[]? nonce = null) =>
        SessionProof.Compute(secret ?? Secret, transfer ?? Transfer, epoch ?? new Epoch(1, 2), session ?? new SessionId(9), role,
            source ?? SourceHash, destination ?? DestinationHash, nonce ?? Nonce);
}
