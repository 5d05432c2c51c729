namespace ClusterTransfer.Wire.Tests.Frames;

/// <summary>What holds for every body, whatever it says.</summary>
public sealed class FrameBodyTests
{
    public static TheoryData<string> Names => [.. BodyCase.All.Select(body => body.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void TryRead_OfWrittenBody_GivesTheSameBody(string name)
    {
        BodyCase body = BodyCase.Named(name);
        var random = new Random(100);
        for (int round = 0; round < 300; round++)
        {
            byte[] written = body.Make(random);
            Assert.Equal(written, body.Reread(written));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TryRead_OfBodyCutAnywhere_Refuses(string name)
    {
        BodyCase body = BodyCase.Named(name);
        var random = new Random(101);
        for (int round = 0; round < 20; round++)
        {
            byte[] written = body.Make(random);
            for (int length = 0; length < written.Length; length++)
            {
                Assert.Null(body.Reread(written[..length]));
            }
        }
    }

    [Theory]
    [Trait("row", "N15")]
    [MemberData(nameof(Names))]
    public void TryRead_OfBodyWithBytesAfterIt_RefusesUnlessHello(string name)
    {
        BodyCase body = BodyCase.Named(name);
        byte[] written = body.Make(new Random(102));
        byte[]? read = body.Reread([.. written, 0]);

        // A later version appends to Hello, before the versions are agreed; everything else is agreed by then.
        Assert.Equal(name == "Hello" ? written : null, read);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TryRead_OfDamagedBody_RefusesOrGivesOneThatHasABodyOfItsOwn(string name)
    {
        BodyCase body = BodyCase.Named(name);
        var random = new Random(103);
        for (int round = 0; round < 3000; round++)
        {
            byte[] damaged = body.Make(random);
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            AssertStable(body, damaged);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TryRead_OfRandomBytes_DoesNotThrow(string name)
    {
        BodyCase body = BodyCase.Named(name);
        var random = new Random(104);
        byte[] bytes = new byte[300];
        for (int round = 0; round < 5000; round++)
        {
            random.NextBytes(bytes);
            AssertStable(body, bytes[..random.Next(bytes.Length + 1)]);
        }
    }

    [Theory]
    [Trait("row", "N9")]
    [MemberData(nameof(Names))]
    public void TryRead_OfLargestLengthsWithoutTheBytes_AllocatesLittle(string name)
    {
        BodyCase body = BodyCase.Named(name);
        var random = new Random(105);
        byte[] valid = body.Make(random);
        for (int at = 0; at < Math.Min(valid.Length, 120); at++)
        {
            foreach (int width in (ReadOnlySpan<int>)[1, 2, 4, 8])
            {
                byte[] bomb = [.. valid];
                bomb.AsSpan(at, Math.Min(width, bomb.Length - at)).Fill(0xFF);
                long before = GC.GetAllocatedBytesForCurrentThread();
                body.Reread(bomb);
                long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                Assert.True(allocated < 16 * 1024, $"{allocated} bytes for a field of {width} at {at}.");
            }
        }
    }

    private static void AssertStable(BodyCase body, byte[] bytes)
    {
        if (body.Reread(bytes) is { } read)
        {
            Assert.Equal(read, body.Reread(read));
        }
    }
}
