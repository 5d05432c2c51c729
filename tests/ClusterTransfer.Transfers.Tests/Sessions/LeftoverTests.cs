using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using static ClusterTransfer.Transfers.Tests.Sessions.SessionsBench;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>What an earlier run of the node left behind, and whose end it may have missed.</summary>
public sealed class LeftoverTests
{
    [Fact]
    public async Task HubReached_WithLeftoversOfBothEnds_AsksAboutEachAndForgetsWhatHasEnded()
    {
        await using var bench = new SessionsBench();
        foreach (SessionRole role in Enum.GetValues<SessionRole>())
        {
            await LeaveBehindAsync(bench, Open(role, 1));
        }

        await bench.SendAsync(SessionProtocol.AskAboutLeftovers.Instance);

        // Below any epoch that was given: it changes nothing for a transfer that goes on.
        SessionEnded[] asked = [.. bench.Told().Cast<SessionEnded>().OrderBy(ended => ended.Role)];
        Assert.Equal([SessionRole.Source, SessionRole.Destination], asked.Select(ended => ended.Role));
        Assert.All(asked, ended => Assert.Equal((Epoch.None, SessionEnd.Suspended), (ended.Epoch, ended.End)));
        Assert.True(Directory.Exists(bench.OutgoingFolder) && Directory.Exists(bench.StagingFolder));

        await bench.SendAsync(Recorded(SessionRole.Source, 1, transferEnded: true));
        await bench.SendAsync(Recorded(SessionRole.Destination, 1, transferEnded: true));

        Assert.False(Directory.Exists(bench.OutgoingFolder) || Directory.Exists(bench.StagingFolder));
    }

    [Fact]
    public async Task HubReached_WithLiveSessions_AsksNothing()
    {
        await using var bench = new SessionsBench();
        await bench.SendAsync(Open(SessionRole.Source, 1));
        await bench.SendAsync(Open(SessionRole.Destination, 1));
        bench.Told();

        await bench.SendAsync(SessionProtocol.AskAboutLeftovers.Instance);

        Assert.Empty(bench.Told());
    }

    // The command names the folder only; the journal refuses to be opened for another policy or level than it was begun for.
    [Theory]
    [InlineData(ConflictPolicy.Skip, DurabilityLevel.Flushed)]
    [InlineData(ConflictPolicy.Overwrite, DurabilityLevel.Verified)]
    public async Task Cancel_WithoutASession_OfARequestWithChoices_IsAnsweredFromTheJournal(ConflictPolicy conflict, DurabilityLevel durability)
    {
        await using var bench = new SessionsBench();
        OpenSession open = Open(SessionRole.Destination, 1);
        await LeaveBehindAsync(bench, open with { Request = open.Request with { Conflict = conflict, Durability = durability } });

        await bench.SendAsync(Cancel(1));

        Assert.Equal(SessionEnd.Cancelled, bench.ToldOnce<SessionEnded>().End);
    }

    [Theory]
    [InlineData(0, SessionEnd.Completed)]
    [InlineData(1, SessionEnd.Cancelled)]
    public async Task Cancel_OfARoundThisNodeNeverHeardOf_IsNotAnsweredWithTheEndOfTheOneBefore(int round, SessionEnd end)
    {
        await using var bench = new SessionsBench();
        OpenSession open = Open(SessionRole.Destination, 1);
        using (IncomingTransfer before = IncomingTransfer.Open(
            bench.Services.Locations.Get(open.Request.Destination.Location), open.Request.Destination.Path, open.TransferId, new Epoch(1, 1), new IncomingOptions(), TimeProvider.System))
        {
            before.AcceptSeal(new ClusterTransfer.Wire.Manifests.ManifestSeal(0, 0, 0, 0, 0, default));
            before.Finish();
        }

        await bench.SendAsync(Cancel(2) with { Round = round });

        SessionEnded answer = bench.ToldOnce<SessionEnded>();
        Assert.Equal((end, new Epoch(1, 2)), (answer.End, answer.Epoch));
    }

    [Theory]
    [InlineData(SessionRole.Source, true)]
    [InlineData(SessionRole.Source, false)]
    [InlineData(SessionRole.Destination, true)]
    [InlineData(SessionRole.Destination, false)]
    public async Task Recorded_OfATransferThatCanBeRetried_KeepsWhatIsThere(SessionRole role, bool live)
    {
        await using var bench = new SessionsBench();
        if (live)
        {
            await bench.SendAsync(Open(role, 1));
        }
        else
        {
            await LeaveBehindAsync(bench, Open(role, 1));
        }

        await bench.SendAsync(Recorded(role, 1, transferEnded: true) with { Keep = true });

        Assert.True(Directory.Exists(role == SessionRole.Source ? bench.OutgoingFolder : bench.StagingFolder));
        bench.Told();
        await bench.SendAsync(Open(role, 1));
        Assert.Equal(Reason.SessionLost, bench.ToldOnce<SessionRefused>().Problem.Reason);
    }

    [Theory]
    [InlineData(SessionRole.Source)]
    [InlineData(SessionRole.Destination)]
    public async Task Suspend_OfAnEndThatIsGone_IsSaidToBeGone(SessionRole role)
    {
        await using var bench = new SessionsBench();

        await bench.SendAsync(new StopSession(Samples.Id, new Epoch(1, 3), CommandId.New(), StopIntent.Suspend) { Role = role });

        SessionRefused refused = bench.ToldOnce<SessionRefused>();
        Assert.Equal((new Epoch(1, 3), role), (refused.Epoch, refused.Role));
    }

    [Fact]
    public async Task Suspend_OfOneEnd_LeavesTheOther()
    {
        await using var bench = new SessionsBench();
        await bench.SendAsync(Open(SessionRole.Source, 1));
        await bench.SendAsync(Open(SessionRole.Destination, 1));
        bench.Told();

        await bench.SendAsync(new StopSession(Samples.Id, new Epoch(1, 1), CommandId.New(), StopIntent.Suspend) { Role = SessionRole.Source });

        SessionEnded ended = bench.ToldOnce<SessionEnded>();
        Assert.Equal((SessionRole.Source, SessionEnd.Suspended), (ended.Role, ended.End));
    }

    [Fact]
    public async Task AnHourLater_WhatIsKept_IsAskedAboutAgain()
    {
        await using var bench = new SessionsBench();
        await LeaveBehindAsync(bench, Open(SessionRole.Destination, 1));

        bench.Kit.Time.Advance(TimeSpan.FromHours(1));
        await bench.RestAsync();

        Assert.Equal(Epoch.None, bench.ToldOnce<SessionEnded>().Epoch);
    }

    [Theory]
    [InlineData(SessionRole.Source)]
    [InlineData(SessionRole.Destination)]
    public async Task Forget_OfWhatWasWrittenLately_KeepsItAndLaterRemovesIt(SessionRole role)
    {
        await using var bench = new SessionsBench();
        string folder = role == SessionRole.Source ? bench.OutgoingFolder : bench.StagingFolder;
        await LeaveBehindAsync(bench, Open(role, 1));
        TimeSpan age = bench.Kit.Time.GetUtcNow() - Directory.GetLastWriteTimeUtc(folder);

        await bench.SendAsync(new ForgetLeftover(Samples.Id, Epoch.None, role) { UnusedFor = age + TimeSpan.FromHours(1) });
        Assert.True(Directory.Exists(folder));

        await bench.SendAsync(new ForgetLeftover(Samples.Id, Epoch.None, role) { UnusedFor = age - TimeSpan.FromHours(1) });
        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [InlineData(SessionRole.Source)]
    [InlineData(SessionRole.Destination)]
    public async Task Forget_WhileASessionHasItOpen_ChangesNothing(SessionRole role)
    {
        await using var bench = new SessionsBench();
        await bench.SendAsync(Open(role, 1));

        await bench.SendAsync(new ForgetLeftover(Samples.Id, Epoch.None, role));

        Assert.True(Directory.Exists(role == SessionRole.Source ? bench.OutgoingFolder : bench.StagingFolder));
    }

    [Fact]
    public async Task Leftovers_MoreThanOneRoundAsksAbout_AreAllAskedAboutInTurn()
    {
        await using var bench = new SessionsBench();
        string outgoing = Path.GetDirectoryName(bench.OutgoingFolder)!;
        HashSet<TransferId> left = [.. Enumerable.Range(0, 300).Select(_ => TransferId.New())];
        foreach (TransferId id in left)
        {
            Directory.CreateDirectory(Path.Combine(outgoing, id.Value));
        }

        HashSet<TransferId> asked = [];
        for (int round = 0; round < 3; round++)
        {
            await bench.SendAsync(SessionProtocol.AskAboutLeftovers.Instance);
            asked.UnionWith(bench.ToldOfAny().OfType<SessionEnded>().Select(ended => ended.TransferId));
        }

        Assert.Equal(left.Order(Comparer<TransferId>.Create((x, y) => string.CompareOrdinal(x.Value, y.Value))), asked.Order(Comparer<TransferId>.Create((x, y) => string.CompareOrdinal(x.Value, y.Value))));
    }

    [Fact]
    public async Task Kept_LongNameOfSomebodyElses_IsCut()
    {
        await using var bench = new SessionsBench();
        await LeaveBehindAsync(bench, Open(SessionRole.Destination, 1));
        File.WriteAllBytes(Path.Combine(Path.GetDirectoryName(bench.StagingFolder)!, new string('x', 98) + "\U0001F600" + new string('y', 100)), []);

        IReadOnlyList<KeptResource> kept = KeptPlaces.List(Samples.B, bench.Services.Locations, bench.Services.OutgoingFolder, cursor: null, KeptPage.MaxItems).Items;

        Assert.Equal(new string('x', 98) + "\u2026", kept.Single(one => one.Transfer is null).Name);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(100)]
    public async Task Kept_APageAtATime_NamesAllOnceInOrder(int limit)
    {
        await using var bench = new SessionsBench();
        await LeaveBehindAsync(bench, Open(SessionRole.Source, 1));
        await LeaveBehindAsync(bench, Open(SessionRole.Destination, 1));
        string staging = Path.GetDirectoryName(bench.StagingFolder)!;
        foreach (string name in (string[])["zz", "a b", new string('\u00e9', 127), "\u0001"])
        {
            File.WriteAllBytes(Path.Combine(staging, name), []);
        }

        List<KeptResource> kept = [];
        string? cursor = null;
        do
        {
            KeptPage page = KeptPlaces.List(Samples.B, bench.Services.Locations, bench.Services.OutgoingFolder, cursor, limit);
            Assert.InRange(page.Items.Count, page.NextCursor is null ? 0 : 1, limit);
            kept.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        Assert.Equal(6, kept.Count);
        Assert.Equal(
            KeptPlaces.List(Samples.B, bench.Services.Locations, bench.Services.OutgoingFolder, cursor: null, KeptPage.MaxItems).Items.Select(one => (one.Place, one.Name)),
            kept.Select(one => (one.Place, one.Name)));
        Assert.Equal(["dst:", "outgoing"], kept.Select(one => one.Place).Distinct());
    }

    [Theory]
    [InlineData("")]
    [InlineData("!")]
    [InlineData("AAAA")]
    [InlineData("ZHN0Og")]
    public void KeptCursor_ThatIsNone_IsRefused(string text) =>
        Assert.Equal(Reason.InvalidRequest, Assert.Throws<ClusterTransferException>(() => KeptCursor.Read(text)).Reason);

    [Theory]
    [InlineData(SessionRole.Source)]
    [InlineData(SessionRole.Destination)]
    public async Task Forget_AsAPersonAsked_SaysHowMuchWasRemoved_AndASecondTimeNothing(SessionRole role)
    {
        await using var bench = new SessionsBench();
        await LeaveBehindAsync(bench, Open(role, 1));
        KeptResource kept = Assert.Single(KeptPlaces.List(Samples.B, bench.Services.Locations, bench.Services.OutgoingFolder, cursor: null, KeptPage.MaxItems).Items);

        Assert.Equal(new ForgottenItem(kept.Bytes), await ForgetAsync(bench, kept.Place));

        Assert.True(kept.Bytes > 0);
        Assert.False(Directory.Exists(role == SessionRole.Source ? bench.OutgoingFolder : bench.StagingFolder));
        Assert.Equal(new ForgottenItem(0), await ForgetAsync(bench, kept.Place));
    }

    [Fact]
    public async Task Forget_AsAPersonAsked_WhileASessionHasItOpen_IsRefusedAndSaidSo()
    {
        await using var bench = new SessionsBench();
        await bench.SendAsync(Open(SessionRole.Destination, 1));

        ForgottenItem item = await ForgetAsync(bench, "dst:");

        Assert.Equal((0L, Reason.WrongState), (item.Bytes, item.Problem?.Reason));
        Assert.True(Directory.Exists(bench.StagingFolder));
    }

    [Theory]
    [InlineData("none:", Reason.LocationUnknown)]
    [InlineData("dst:", Reason.NotPermitted)]
    public async Task Forget_AsAPersonAsked_OfWhatIsNotOurs_IsRefusedAndSaidSo(string place, Reason reason)
    {
        await using var bench = new SessionsBench();
        Directory.CreateDirectory(Path.GetDirectoryName(bench.StagingFolder)!);
        Directory.CreateSymbolicLink(bench.StagingFolder, "/");

        ForgottenItem item = await ForgetAsync(bench, place);

        Assert.Equal((0L, reason), (item.Bytes, item.Problem?.Reason));
        Assert.NotNull(new FileInfo(bench.StagingFolder).LinkTarget);
    }

    [Fact]
    public async Task Kept_NamesWhatIsOursAndWhatIsNot()
    {
        await using var bench = new SessionsBench();
        await LeaveBehindAsync(bench, Open(SessionRole.Source, 1));
        await LeaveBehindAsync(bench, Open(SessionRole.Destination, 1));
        string staging = Path.GetDirectoryName(bench.StagingFolder)!;
        File.WriteAllBytes(Path.Combine(staging, "somebody's"), new byte[10_000]);
        Directory.CreateSymbolicLink(Path.Combine(staging, TransferId.New().Value), "/");

        IReadOnlyList<KeptResource> kept = KeptPlaces.List(Samples.B, bench.Services.Locations, bench.Services.OutgoingFolder, cursor: null, KeptPage.MaxItems).Items;

        Assert.Equal(
            [("dst:", true), ("outgoing", true), ("dst:", false), ("dst:", false)],
            kept.OrderBy(one => one.Transfer is null).ThenBy(one => one.Place, StringComparer.Ordinal).Select(one => (one.Place, one.Transfer is not null)));
        Assert.All(kept, one => Assert.Equal(one.Transfer is null, one.Why == KeptReason.Foreign));
        Assert.All(kept.Where(one => one.Transfer is not null), one => Assert.True(one.Bytes > 0));
        foreach (KeptResource foreign in kept.Where(one => one.Transfer is null))
        {
            Assert.True(Path.Exists(Path.Combine(staging, foreign.Name)) || new FileInfo(Path.Combine(staging, foreign.Name)).LinkTarget is not null);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Open_OfALaterRound_IsRememberedAtBothEnds(bool rescan)
    {
        await using var bench = new SessionsBench();
        foreach (SessionRole role in Enum.GetValues<SessionRole>())
        {
            await LeaveBehindAsync(bench, Open(role, 1));
            await bench.SendAsync(Open(role, 2) with { Round = 3, Rescan = rescan });
            Assert.Equal(role, bench.ToldOnce<SessionOpened>().Role);
        }

        Assert.Equal(3, IncomingTransfer.TryReadOutcome(bench.Services.Locations.Get(Samples.Request.Destination.Location), Samples.Id)!.Round);
        Assert.True(File.Exists(Path.Combine(bench.OutgoingFolder, rescan ? "scan-3.log" : "scan.log")));
    }

    private static async Task LeaveBehindAsync(SessionsBench bench, OpenSession open)
    {
        await bench.SendAsync(open);
        await bench.SendAsync(new StopSession(open.TransferId, open.Epoch, CommandId.New(), StopIntent.Suspend));
        await bench.SendAsync(Recorded(open.Role, 1, transferEnded: false));
        bench.Told();
    }

    private static async Task<ForgottenItem> ForgetAsync(SessionsBench bench, string place)
    {
        bench.Sessions.Tell(new SessionProtocol.Forget(Samples.Id, place), bench.Kit.TestProbe.Ref);
        await bench.RestAsync();
        return bench.Kit.TestProbe.ExpectMsg<ForgottenItem>();
    }
}
