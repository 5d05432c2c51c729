using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Tests.Api;

namespace ClusterTransfer.Cli.Tests;

public sealed class TransferTextTests
{
    private static readonly TransferResource Active = Samples.Active(Samples.Id);

    [Fact]
    public void Table_OfTransfers_IsAsAgreed() => Assert.Equal(
        """
        ID                STATE                    DONE        FILES     BYTES        RATE  SOURCE   DESTINATION  CREATED
        k3m9x2p7q4w8r5tz  Active                 25.0 %    250/1,000  1.00 GiB   105 MiB/s  src:sdk  beta:in      2026-03-14 09:26:53Z
        k3m9x2p7q4w8r5tz  Active (cancel asked)       ?   250/1,000+  1.00 GiB   105 MiB/s  src:sdk  beta:in      2026-03-14 09:26:53Z
        k3m9x2p7q4w8r5tz  Completed               100 %  1,000/1,000  4.00 GiB  99.9 MiB/s  src:sdk  beta:in      2026-03-14 09:26:53Z

        """,
        Write(output => TransferTable.Write(
            output,
            [Active, Active with { Desired = DesiredState.Cancel, Progress = Active.Progress with { ScanComplete = false } }, Samples.Completed(Active)],
            isWide: false)));

    [Fact]
    public void Details_OfAParkedChunk_ShowTheEvidence() => Assert.Equal(
        $"""
        Transfer:     k3m9x2p7q4w8r5tz
        State:        Failed (exit code 6)
        Reason:       Chunk 17 of sdk/big.bin arrived damaged 9 times. (chunk-corrupt)
        Remedy:       Check memory and disks of both nodes; then take it up again with 'ct retry ID'.
        Source:       src:sdk at alpha
        Destination:  beta:in as sdk at beta
        Policy:       conflict fail, durability flushed, connections flexible
        Done:         99.9 %, 4.00 GiB of 4.00 GiB
        Files:        0 of 1 published, 0 skipped, 1 parked
        Bytes:        4.00 GiB sent, 4.00 GiB acknowledged, 4.00 GiB on disk, 0 B verified
        Rate:         0 B/s now, 99.9 MiB/s average, 124 MiB/s peak
        Attempts:     1 session, epoch 1.1, 9 chunks sent again, 4 connections
        Created:      2026-03-14 09:26:53Z
        Started:      2026-03-14 09:26:54Z
        Ended:        2026-03-14 09:27:35Z
        Issues:
          parked   sdk/big.bin: Chunk 17 arrived damaged 9 times. (chunk-corrupt)
                   chunk 17 at byte 71,303,168, sent 9 times, last 2026-03-14 09:27:33Z by alpha over connection 12
                   expected {new string('a', 64)}
                   arrived  {new string('b', 64)}
                   remedy   Check memory and disks of both nodes; then take it up again with 'ct retry ID'.

        """,
        Write(output => TransferDetails.Write(output, Samples.Parked(Active), isWide: false)));

    [Fact]
    public void Summary_OfACompletedTransfer_SaysHundred() => Assert.Equal(
        "Completed 100 %: 1,000 files, 4.00 GiB in 0:41, 99.9 MiB/s average -> beta:in as sdk\n",
        Write(output => TransferText.WriteSummary(output, Samples.Completed(Active))));

    [Fact]
    public void Summary_OfAPartialTransfer_ListsTheFirstIssues()
    {
        TransferResource partial = Samples.Partial(Active);
        partial = partial with { Issues = [.. partial.Issues, .. Enumerable.Range(0, 6).Select(i => partial.Issues[0] with { Path = $"sdk/{i}" })] };

        string text = Write(output => TransferText.WriteSummary(output, partial));

        Assert.StartsWith(
            """
            Partial: 998 of 1,000 files, 3.73 GiB in 0:41, 99.9 MiB/s average; 1 skipped; 1 parked
              skipped  sdk/a.txt: The name sdk/a.txt is taken. (destination-exists)
              parked   sdk/b.bin: sdk/b.bin changed while it was read. (source-changed)
            """,
            text,
            StringComparison.Ordinal);
        Assert.EndsWith(
            "  and 3 more: 'ct get k3m9x2p7q4w8r5tz' lists them\n  'ct retry k3m9x2p7q4w8r5tz' takes it up again; what was delivered stays.\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TransferState.Queued, DesiredState.Pause, "Paused")]
    [InlineData(TransferState.Active, DesiredState.Pause, "Pausing")]
    [InlineData(TransferState.Completed, DesiredState.Pause, "Completed")]
    [InlineData(TransferState.Queued, DesiredState.Cancel, "Queued (cancel asked)")]
    [InlineData(TransferState.Queued, DesiredState.Run, "Queued")]
    public void State_TellsWhatWasAskedFor(TransferState state, DesiredState desired, string shown) =>
        Assert.Equal(shown, TransferText.StateOf(Active with { State = state, Desired = desired }));

    [Theory]
    [InlineData(TransferState.Completed, null, 0)]
    [InlineData(TransferState.Partial, null, 4)]
    [InlineData(TransferState.Cancelled, null, 11)]
    [InlineData(TransferState.Failed, null, 1)]
    [InlineData(TransferState.Failed, Reason.NoSpace, 12)]
    [InlineData(TransferState.Failed, Reason.IdentityRefused, 17)]
    [InlineData(TransferState.Failed, Reason.DestinationNotWritable, 18)]
    public void ExitCode_FollowsStateAndReason(TransferState state, Reason? reason, int code) => Assert.Equal(
        code, TransferText.ExitCodeOf(Active with { State = state, Problem = reason is { } known ? new Problem(known, "x") : null }));

    [Fact]
    public void ExitCode_OfTheNode_Wins() => Assert.Equal(13, TransferText.ExitCodeOf(Active with { State = TransferState.Failed, ExitCode = 13 }));

    [Fact]
    public void Text_FromTheNode_CannotSteerTheTerminal()
    {
        TransferResource evil = Samples.Partial(Active) with
        {
            Source = "src:\u001b[2J", Issues = [new FileIssue("\u202egnp.\u0007", FileState.Skipped, new Problem(Reason.NameRefused, "\r\nct: fine"))],
        };

        string text = Write(output => TransferDetails.Write(output, evil, isWide: true)) + Write(output => TransferTable.Write(output, [evil], isWide: true))
            + Write(output => TransferText.WriteSummary(output, evil));

        Assert.DoesNotContain(text, c => char.IsControl(c) && c != '\n');
        Assert.DoesNotContain('\u202e', text);
        Assert.DoesNotContain("\nct: fine", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Cluster_AsTables_IsAsAgreed() => Assert.Equal(
        """
        NODE   STATE        ROLES      VERSION  LIMIT  LOCATIONS  DATA ADDRESSES
        alpha  up           hub,mover  0.1.0    ?      src        127.0.0.1:7402
        beta   unreachable  mover      0.1.0    ?      beta       127.0.0.1:7412,192.0.2.7:7412
        LOCATION  NODE   ACCESS      STATE                                           FOLDER
        src:      alpha  read        ready                                           /srv/src
        beta:     beta   read-write  Node beta is not connected. (node-unreachable)  -
        /  RootGuardian  Running
        ├─ user  UserGuardian  Running
        │  ├─ coordinators  CoordinatorsActor  Active  mailbox 3
        │  └─ peers  PeersActor  Active  restarts 2  last failure: Connection reset.
        └─ system  SystemGuardian  Running

        """,
        Write(output =>
        {
            ClusterText.WriteNodes(output, Samples.Nodes, isWide: false);
            ClusterText.WriteLocations(output, Samples.Locations, isWide: false);
            ClusterText.WriteActors(output, [Samples.Actors], isWide: false);
        }));

    private static string Write(Action<TextWriter> write)
    {
        using var output = new StringWriter { NewLine = "\n" };
        write(output);
        return output.ToString();
    }
}
