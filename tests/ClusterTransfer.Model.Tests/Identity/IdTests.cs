using System.Security.Cryptography;

namespace ClusterTransfer.Model.Tests.Identity;

public sealed class IdTests
{
    [Fact]
    public void TransferId_New_IsValidAndDifferent()
    {
        var seen = new HashSet<TransferId>();
        for (int i = 0; i < 1_000; i++)
        {
            var id = TransferId.New();
            Assert.Equal(TransferId.Length, id.Value.Length);
            Assert.Equal(id, TransferId.Parse(id.ToString(), null));
            Assert.True(seen.Add(id));
        }
    }

    [Theory]
    [InlineData("0123456789abcde")]
    [InlineData("0123456789abcdefg")]
    [InlineData("0123456789abcdei")]
    [InlineData("0123456789abcdel")]
    [InlineData("0123456789abcdeo")]
    [InlineData("0123456789abcdeu")]
    [InlineData("0123456789ABCDEF")]
    [InlineData("../../etc/passwd")]
    public void TransferId_Bad_IsRefused(string text)
    {
        Assert.False(TransferId.TryParse(text, null, out _));
        Assert.Throws<FormatException>(() => new TransferId(text));
    }

    [Fact]
    public void CommandIdAndIncarnation_RoundTripAsText()
    {
        var command = CommandId.New();
        Assert.Equal(command, CommandId.Parse(command.ToString(), null));
        Assert.False(CommandId.TryParse("x", null, out _));
        var incarnation = Incarnation.New();
        Assert.Equal(incarnation, Incarnation.Parse(incarnation.ToString(), null));
        Assert.False(Incarnation.TryParse(Guid.NewGuid().ToString("D"), null, out _));
    }

    [Fact]
    public void Digest_BytesAndText_RoundTrip()
    {
        byte[] bytes = SHA256.HashData("x"u8);
        var digest = new Digest(bytes);
        byte[] copy = new byte[Digest.Length];
        digest.CopyTo(copy);
        Assert.Equal(bytes, copy);
        Assert.Equal(Convert.ToHexStringLower(bytes), digest.ToString());
        Assert.Equal(digest, Digest.Parse(digest.ToString(), null));
        Assert.Equal(digest, Digest.Parse(digest.ToString().ToUpperInvariant(), null));
    }

    [Fact]
    public void Digest_EveryByte_Counts()
    {
        for (int i = 0; i < Digest.Length; i++)
        {
            byte[] bytes = new byte[Digest.Length];
            bytes[i] = 1;
            Assert.False(new Digest(bytes).IsEmpty);
            Assert.NotEqual(default, new Digest(bytes));
        }

        Assert.True(default(Digest).IsEmpty);
        Assert.True(new Digest(new byte[Digest.Length]).IsEmpty);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void Digest_OfAnotherLength_IsRefused(int length)
    {
        Assert.Throws<ArgumentException>(() => new Digest(new byte[length]));
        Assert.False(Digest.TryParse(new string('0', 2 * length), null, out _));
    }

    [Theory]
    [InlineData('g')]
    [InlineData(' ')]
    [InlineData('é')]
    public void Digest_WithAnotherCharacter_IsRefused(char c)
    {
        Assert.False(Digest.TryParse(new string('0', 63) + c, null, out _));
        Assert.Throws<FormatException>(() => Digest.Parse(new string('0', 63) + c, null));
    }

    [Fact]
    public void Epoch_Order_IsCoordinatorThenSession()
    {
        Epoch[] ordered = [Epoch.None, new(0, 1), new(0, uint.MaxValue), new(1, 0), new(1, 1), new(2, 0), new(uint.MaxValue, uint.MaxValue)];
        for (int i = 0; i < ordered.Length; i++)
        {
            for (int j = 0; j < ordered.Length; j++)
            {
                Assert.Equal(i < j, ordered[i] < ordered[j]);
                Assert.Equal(i > j, ordered[i] > ordered[j]);
                Assert.Equal(i <= j, ordered[i] <= ordered[j]);
                Assert.Equal(i >= j, ordered[i] >= ordered[j]);
                Assert.Equal(i.CompareTo(j), Math.Sign(ordered[i].CompareTo(ordered[j])));
            }

            Assert.Equal(ordered[i], Epoch.FromUInt64(ordered[i].ToUInt64()));
        }

        Assert.Equal(0x0000_0002_0000_0003UL, new Epoch(2, 3).ToUInt64());
        Assert.Equal("2.3", new Epoch(2, 3).ToString());
    }
}
