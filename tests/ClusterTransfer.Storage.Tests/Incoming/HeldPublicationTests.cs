using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Wire.Hashing;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Incoming;

/// <summary>A destination that must not publish from some moment on: nothing under a final name changes after it, and all of it is there once it may.</summary>
[Trait("row", "P5")]
public sealed class HeldPublicationTests : IDisposable
{
    private readonly Destination _to = new();
    private bool _mayPublish = true;

    public void Dispose() => _to.Dispose();

    // The right is lost at each place where it is asked for, one after the other.
    [Theory]
    [InlineData(false, DurabilityLevel.Flushed)]
    [InlineData(true, DurabilityLevel.Flushed)]
    [InlineData(true, DurabilityLevel.Received)]
    public void Publication_ForbiddenAtAnyMoment_ChangesNothingUntilItIsAllowed(bool inAnotherSession, DurabilityLevel level)
    {
        int held = 0;
        for (int asked = 0; held == asked; asked++)
        {
            using var to = new Destination();
            ManualSource source = Tree();
            int left = asked;
            bool isForbidden = false;
            string[]? before = null;
            IncomingOptions options = to.Options with
            {
                Durability = level,
                MayPublish = () =>
                {
                    if (!isForbidden && before is null && left-- == 0)
                    {
                        isForbidden = true;
                        before = Shown(to);
                    }

                    return !isForbidden;
                },
            };
            IncomingTransfer transfer = to.Open(options);
            SendAll(source, transfer);
            if (TryFinish(transfer))
            {
                Assert.Null(before);
            }
            else
            {
                // Whatever is tried meanwhile, and however it ends.
                held++;
                transfer.Checkpoint();
                transfer.PublishReady();
                Assert.False(TryFinish(transfer));
                if (inAnotherSession)
                {
                    transfer.Close();
                    transfer = to.Open(options);
                    Assert.False(TryFinish(transfer));
                }

                Assert.Equal(before!, Shown(to));
                isForbidden = false;
                transfer.PublishReady();
                Assert.True(TryFinish(transfer));
                Assert.False(transfer.IsHolding);
            }

            to.AssertEquals(source);
            Assert.Empty(to.Staged());
            transfer.Dispose();
        }

        // A small and a large file and a link, each before folders are made on the way and again before its rename; and two folders, each twice.
        Assert.Equal(10, held);
    }

    [Fact]
    public void Cancel_WhileItMustNotPublish_LeavesNothing()
    {
        IncomingTransfer transfer = OpenHeld();
        SendAll(Tree(), transfer);
        Assert.False(TryFinish(transfer));

        transfer.Cancel();

        transfer.Close();
        using IncomingTransfer again = _to.Open();
        Assert.True(again.IsCancelled);
        Assert.Empty(Shown(_to));
        Assert.Empty(_to.Staged());
    }

    // Of a cancelled transfer what is staged goes at the next open. A name that a power cut took back must not go with it because it must not be given now.
    [Fact]
    public void Completed_RenameUndone_OfACancelledTransfer_IsKeptWhileItMustNotPublish()
    {
        ManualSource source = Tree();
        _to.Options = _to.Options with { Durability = DurabilityLevel.Received };
        using (IncomingTransfer transfer = _to.Open())
        {
            SendAll(source, transfer);
            transfer.Cancel();
        }

        string published = _to.In("tree", "a");
        string[] before = Shown(_to);
        File.Move(published, _to.Part(source.IndexOf("tree/a").Value));

        ClusterTransferException refused = Assert.Throws<ClusterTransferException>(() => OpenHeld());
        Assert.Equal(Reason.SessionLost, refused.Reason);
        Assert.False(File.Exists(published));

        _mayPublish = true;
        using IncomingTransfer again = OpenHeld(false);
        Assert.True(again.IsCancelled);
        Assert.Equal(before.Length, Shown(_to).Length);
        Assert.True(File.Exists(published));
    }

    private static ManualSource Tree() => new ManualSource()
        .Folder("tree", 0x1c0)
        .File("tree/a", [1, 2, 3])
        .File("tree/b", new byte[ManualSource.Base + 1])
        .Link("tree/c", "a", 5)
        .Folder("tree/d", 0x1f8);

    private IncomingTransfer OpenHeld(bool isHeld = true)
    {
        _mayPublish = !isHeld;
        return _to.Open(_to.Options with { MayPublish = () => _mayPublish });
    }

    private static void SendAll(ManualSource source, IncomingTransfer to)
    {
        source.SendManifest(to);
        int sent = 0;
        foreach (PlannedChunk chunk in source.Wanted(to))
        {
            Assert.Equal(ChunkWriteOutcome.Stored, source.Write(to, chunk).Outcome);
            if (++sent % 3 == 0)
            {
                to.Checkpoint();
            }
        }

        foreach ((ManifestEntry entry, byte[] bytes) in source.Entries.Where(e => e.Entry.Kind == EntryKind.File && e.Entry.Size >= ManualSource.Base))
        {
            to.FileDone(source.IndexOf(Encoding.Latin1.GetString(entry.Path.Bytes)), Blake3.Hash(bytes));
        }

        to.Checkpoint();
        to.PublishReady();
    }

    private static bool TryFinish(IncomingTransfer transfer) => transfer.IsComplete && transfer.Finish();

    // Every name with all that can change of it; nobody can set the last.
    private static string[] Shown(Destination to)
    {
        List<string> shown = [];
        if (Directory.Exists(to.In()))
        {
            using FolderHandle folder = FolderHandle.OpenAbsolute(to.In());
            Walk(folder, "in", shown);
        }

        return [.. shown];
    }

    private static void Walk(FolderHandle folder, string path, List<string> shown)
    {
        List<byte[]> names = [];
        folder.List(name => names.Add(name.ToArray()));
        foreach (byte[] name in names.OrderBy(Convert.ToHexString, StringComparer.Ordinal))
        {
            Assert.Equal(Errno.None, folder.TryStatus(name, out FileStatus status));
            shown.Add($"{path}/{Encoding.Latin1.GetString(name)} {status.Inode} {status.Mode:x} {status.ModifiedNs} {status.ChangedNs}");
            if (folder.TryOpenFolder(name, out FolderHandle? sub) == Errno.None)
            {
                using (sub)
                {
                    Walk(sub!, $"{path}/{Encoding.Latin1.GetString(name)}", shown);
                }
            }
        }
    }
}
