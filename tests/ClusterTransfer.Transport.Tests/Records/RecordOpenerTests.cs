using ClusterTransfer.Transport.Records;

namespace ClusterTransfer.Transport.Tests.Records;

/// <summary>What an opener takes: each record of its own direction of its own connection, once, whole and in order; and nothing else.</summary>
public sealed class RecordOpenerTests
{
    public static TheoryData<string> Suites => ["Aes256Gcm", "ChaCha20Poly1305"];

    [Theory]
    [MemberData(nameof(Suites))]
    public void Open_OfWhatWasSealed_GivesItBack(string suite)
    {
        using Ends ends = new(suite);
        Assert.Equal(RecordError.None, ends.Opener.Try(ends.Sealer.Begin()).Error);

        foreach (int length in (int[])[1, 15, 16, 17, 1000, RecordHeader.MaxLength])
        {
            Assert.Equal((RecordError.None, true), Same(ends.Opener.Try(ends.Sealer.Data(length, length)), SealSamples.Text(length, length)));
        }

        Assert.Equal(RecordError.None, ends.Opener.Try(ends.Sealer.Close()).Error);
        Assert.True(ends.Opener.Closed);
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void Open_InItsOwnPlace_GivesItBack(string suite)
    {
        using Ends ends = new(suite);
        ends.Opener.Try(ends.Sealer.Begin());
        byte[] record = ends.Sealer.Data(1000);

        Assert.Equal(RecordError.None, ends.Opener.Open(record, record.AsSpan(RecordHeader.Size, 1000)));

        Assert.Equal(SealSamples.Text(1000), record[RecordHeader.Size..^SealKeys.TagSize]);
    }

    // Every bit of header, ciphertext and tag.
    [Theory]
    [MemberData(nameof(Suites))]
    public void Open_WithAnyBitFlipped_IsRefusedAndLeavesNothing(string suite)
    {
        int bits = (100 + RecordHeader.Overhead) * 8;
        for (int bit = 0; bit < bits; bit++)
        {
            using Ends ends = new(suite);
            ends.Opener.Try(ends.Sealer.Begin());
            byte[] record = ends.Sealer.Data();
            record[bit / 8] ^= (byte)(1 << (bit % 8));

            // A length that was made shorter is opened as what it says, which is then no record either.
            bool readable = ends.Opener.Check(record, out RecordHeader header) == RecordError.None && header.Length <= 100;
            byte[] text = new byte[readable ? header.Length : 100];
            Array.Fill(text, (byte)0xEE);
            RecordError error = readable ? ends.Opener.Open(record.AsSpan(0, header.Length + RecordHeader.Overhead), text) : RecordError.BadHeader;

            Assert.NotEqual(RecordError.None, error);
            Assert.True(Array.TrueForAll(text, one => one is 0 or 0xEE), $"Bit {bit}: something of the record was left.");
            Assert.NotEqual(RecordError.None, ends.Opener.Try(ends.Sealer.Data()).Error);
        }
    }

    [Fact]
    public void Open_OfARecordAgain_IsRefused()
    {
        using Ends ends = new();
        byte[] begin = ends.Sealer.Begin();
        byte[] data = ends.Sealer.Data();
        ends.Opener.Try(begin);
        ends.Opener.Try(data);

        Assert.Equal(RecordError.NotGenuine, ends.Opener.Try(data).Error);
    }

    [Fact]
    public void Open_OutOfOrder_IsRefused()
    {
        using Ends ends = new();
        ends.Opener.Try(ends.Sealer.Begin());
        byte[] first = ends.Sealer.Data();
        byte[] second = ends.Sealer.Data();

        Assert.Equal(RecordError.NotGenuine, ends.Opener.Try(second).Error);
        Assert.NotEqual(RecordError.None, ends.Opener.Try(first).Error);
    }

    [Fact]
    public void Open_WithOneLeftOut_IsRefused()
    {
        using Ends ends = new();
        ends.Opener.Try(ends.Sealer.Begin());
        ends.Sealer.Data();

        Assert.Equal(RecordError.NotGenuine, ends.Opener.Try(ends.Sealer.Close()).Error);
        Assert.False(ends.Opener.Closed);
    }

    // Where a key ends nothing says so but the number of the next record.
    [Theory]
    [InlineData(4UL, 1_000)]
    [InlineData(1_000UL, 310)]
    public void Open_WithTheLastRecordOfAKeyLeftOut_IsRefused(ulong records, long bytes)
    {
        using Ends ends = new(limits: new SealLimits(records, bytes));
        ends.Opener.Try(ends.Sealer.Begin());
        Assert.Equal(RecordError.None, ends.Opener.Try(ends.Sealer.Data(150)).Error);
        Assert.Equal(RecordError.None, ends.Opener.Try(ends.Sealer.Data(140)).Error);
        byte[] leftOut = ends.Sealer.Data(10);
        byte[] next = ends.Sealer.Data(100);
        Assert.Equal((0, 1), (BitConverter.ToUInt16(leftOut, 6), BitConverter.ToUInt16(next, 6)));

        Assert.Equal(RecordError.NotGenuine, ends.Opener.Try(next).Error);
    }

    [Fact]
    public void Open_OfARecordSentBack_IsRefused()
    {
        SealContext context = SealSamples.Context();
        using var dialler = new RecordSealer(context, fromDialler: true, SealLimits.Default);
        using var ofAcceptor = new RecordOpener(context, fromDialler: false, SealLimits.Default);
        using var acceptor = new RecordSealer(context, fromDialler: false, SealLimits.Default);
        using var ofDialler = new RecordOpener(context, fromDialler: true, SealLimits.Default);

        Assert.Equal(RecordError.NotGenuine, ofAcceptor.Try(dialler.Data()).Error);
        Assert.Equal(RecordError.NotGenuine, ofDialler.Try(acceptor.Begin()).Error);
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("dialler")]
    [InlineData("acceptor")]
    [InlineData("swapped")]
    [InlineData("nonce")]
    [InlineData("suite")]
    public void Open_OfARecordOfAnotherConnection_IsRefused(string what)
    {
        SealContext own = SealSamples.Context();
        byte[] other = SealSamples.Text(32);
        SealContext foreign = what switch
        {
            "secret" => own with { Secret = other },
            "dialler" => own with { DiallerCertificateHash = other },
            "acceptor" => own with { AcceptorCertificateHash = other },
            "swapped" => own with { DiallerCertificateHash = own.AcceptorCertificateHash, AcceptorCertificateHash = own.DiallerCertificateHash },
            "nonce" => own with { ConnectionNonce = other },
            _ => own with { Suite = SealSuite.ChaCha20Poly1305 },
        };
        using var sealer = new RecordSealer(foreign, fromDialler: true, SealLimits.Default);
        using var opener = new RecordOpener(own, fromDialler: true, SealLimits.Default);

        Assert.Equal(RecordError.NotGenuine, opener.Try(sealer.Begin()).Error);
    }

    [Theory]
    [InlineData(RecordHeader.MaxLength + 1, 1, 0, 0)]      // too long
    [InlineData(int.MaxValue, 1, 0, 0)]
    [InlineData(-1, 1, 0, 0)]
    [InlineData(0, 1, 0, 0)]                               // data without a byte
    [InlineData(1, 2, 0, 0)]                               // a close with one
    [InlineData(1, 3, 0, 0)]
    [InlineData(1, 0, 0, 0)]                               // no such kind
    [InlineData(1, 4, 0, 0)]
    [InlineData(1, 1, 1, 0)]                               // not zero
    public void Check_OfAHeaderThatCannotBe_IsRefusedBeforeTheRecordIsThere(int length, byte kind, byte zero, ushort phase)
    {
        using Ends ends = new();
        ends.Opener.Try(ends.Sealer.Begin());
        byte[] header = [.. BitConverter.GetBytes(length), kind, zero, .. BitConverter.GetBytes(phase)];

        Assert.Equal(RecordError.BadHeader, ends.Opener.Check(header, out _));
    }

    [Fact]
    public void Open_OfAKindOutOfPlace_IsRefused()
    {
        using Ends ends = new();
        Assert.Equal(RecordError.OutOfOrder, ends.Opener.Try(ends.Sealer.Data()).Error);

        using Ends twice = new();
        twice.Opener.Try(twice.Sealer.Begin());
        Assert.Equal(RecordError.OutOfOrder, twice.Opener.Try(twice.Sealer.Begin()).Error);

        using Ends after = new();
        after.Opener.Try(after.Sealer.Begin());
        after.Opener.Try(after.Sealer.Close());
        Assert.Equal(RecordError.OutOfOrder, after.Opener.Try(after.Sealer.Data()).Error);

        SealContext context = SealSamples.Context();
        using var acceptor = new RecordSealer(context, fromDialler: false, SealLimits.Default);
        using var opener = new RecordOpener(context, fromDialler: false, SealLimits.Default);
        Assert.Equal(RecordError.OutOfOrder, opener.Try(acceptor.Begin()).Error);
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void Seal_BeyondWhatAKeyMay_GoesOnWithTheNext(string suite)
    {
        using Ends ends = new(suite, new SealLimits(Records: 3));
        using Ends bytes = new(suite, new SealLimits(Bytes: 250));
        ends.Opener.Try(ends.Sealer.Begin());
        bytes.Opener.Try(bytes.Sealer.Begin());
        var phases = new List<ushort>();
        var bytePhases = new List<ushort>();
        for (int record = 0; record < 7; record++)
        {
            byte[] one = ends.Sealer.Data(100, record);
            Assert.Equal((RecordError.None, true), Same(ends.Opener.Try(one), SealSamples.Text(100, record)));
            phases.Add(BitConverter.ToUInt16(one, 6));
            one = bytes.Sealer.Data(100, record);
            Assert.Equal((RecordError.None, true), Same(bytes.Opener.Try(one), SealSamples.Text(100, record)));
            bytePhases.Add(BitConverter.ToUInt16(one, 6));
        }

        Assert.Equal([0, 0, 1, 1, 1, 2, 2], phases);
        Assert.Equal([0, 0, 1, 1, 2, 2, 3], bytePhases);
    }

    [Fact]
    public void Seal_OverAllPhases_WrapsTheirNumberAndGoesOn()
    {
        using Ends ends = new(limits: new SealLimits(Records: 1));
        ends.Opener.Try(ends.Sealer.Begin());
        for (int record = 0; record <= ushort.MaxValue + 1; record++)
        {
            Assert.Equal(RecordError.None, ends.Opener.Try(ends.Sealer.Data(1)).Error);
        }
    }

    [Fact]
    public void Open_OfMoreThanAKeyMaySeal_IsRefused()
    {
        SealContext context = SealSamples.Context();
        using var careless = new RecordSealer(context, fromDialler: true, SealLimits.Default);
        using var opener = new RecordOpener(context, fromDialler: true, new SealLimits(Records: 3));
        opener.Try(careless.Begin());
        opener.Try(careless.Data());
        opener.Try(careless.Data());

        Assert.Equal(RecordError.BadPhase, opener.Try(careless.Data()).Error);
    }

    [Fact]
    public void Open_OfAPhaseTooFar_IsRefused()
    {
        using Ends ends = new(limits: new SealLimits(Records: 1));
        byte[] begin = ends.Sealer.Begin();
        ends.Sealer.Data();
        byte[] third = ends.Sealer.Data();
        ends.Opener.Try(begin);

        Assert.Equal(RecordError.BadPhase, ends.Opener.Try(third).Error);
    }

    [Fact]
    public void Limits_AreThoseThatAreDocumented()
    {
        Assert.Equal(new SealLimits(1UL << 32, 16L << 30), SealLimits.Default);
        Assert.Equal(256 * 1024, RecordHeader.MaxLength);
    }

    private static (RecordError Error, bool Same) Same((RecordError Error, byte[] Text) opened, byte[] expected) => (opened.Error, opened.Text.AsSpan().SequenceEqual(expected));

    /// <summary>The dialler's sealer and the opener that belongs to it.</summary>
    private sealed class Ends : IDisposable
    {
        public Ends(string suite = "Aes256Gcm", SealLimits? limits = null)
        {
            SealContext context = SealSamples.Context(Enum.Parse<SealSuite>(suite));
            Sealer = new RecordSealer(context, fromDialler: true, limits ?? SealLimits.Default);
            Opener = new RecordOpener(context, fromDialler: true, limits ?? SealLimits.Default);
        }

        public RecordSealer Sealer { get; }

        public RecordOpener Opener { get; }

        public void Dispose()
        {
            Sealer.Dispose();
            Opener.Dispose();
        }
    }
}
