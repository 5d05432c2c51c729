using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.Outgoing;
using ClusterTransfer.Storage.Tests.Native;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Incoming;

/// <summary>The real source against the real destination, without a network between.</summary>
public sealed class BothEndsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Deliver_RandomTree_ArrivesEqual(int seed)
    {
        using var from = new NativeFolder();
        using var state = new NativeFolder();
        using var to = new Destination();
        MakeTree(from, new Random(seed));
        using Location source = Location.Open(new LocationOptions(new LocationName("alpha"), from.Path, ReadOnly: true));
        using OutgoingTransfer outgoing = OutgoingTransfer.Open(
            source, ManualSource.PathOf("root"), null, state["state"], new OutgoingOptions { BaseChunkSize = ManualSource.Base });
        while (outgoing.ScanNext(TestContext.Current.CancellationToken))
        {
            // Each call persists one more page.
        }

        using IncomingTransfer incoming = to.Open();
        for (int page = 0; page < outgoing.PageCount; page++)
        {
            Assert.Null(incoming.AcceptPage(outgoing.ReadEncodedPage(page)).Problem);
        }

        incoming.AcceptSeal(outgoing.Seal!);
        byte[] buffer = new byte[ChunkSizes.Max];
        for (int page = 0; page < outgoing.PageCount; page++)
        {
            Send(outgoing, incoming, page, buffer);
        }

        incoming.Checkpoint();
        incoming.PublishReady();
        incoming.Finish();
        Assert.Empty(incoming.Issues);
        using FolderHandle arrived = FolderHandle.OpenAbsolute(to.In());
        AssertSame(from.Handle, arrived, "root"u8.ToArray());
    }

    private static void Send(OutgoingTransfer outgoing, IncomingTransfer incoming, int page, byte[] buffer)
    {
        PagePlan plan = outgoing.GetPlan(page);
        for (int i = 0; i < plan.ChunkCount; i++)
        {
            PlannedChunk chunk = plan.At(new ChunkIndex(plan.FirstChunk + (uint)i));
            ChunkRead read = outgoing.ReadChunk(chunk, buffer);
            Assert.Null(read.Problem);
            Assert.Equal(ChunkWriteOutcome.Stored, incoming.WriteChunk(chunk.Index, read.Digest, [], buffer.AsSpan(0, read.Length)).Outcome);
        }

        incoming.Checkpoint();
        ManifestPage entries = outgoing.GetPage(page);
        for (int i = 0; i < entries.Entries.Count; i++)
        {
            if (entries.Entries[i] is { Kind: EntryKind.File, Size: >= ManualSource.Base })
            {
                var entry = new EntryIndex(entries.FirstEntry + (uint)i);
                FileRoot root = outgoing.GetFileRoot(entry, TestContext.Current.CancellationToken);
                Assert.Null(root.Problem);
                incoming.FileDone(entry, root.Root);
            }
        }
    }

    // Names that sort differently as text and as paths, and bytes that are no UTF-8.
    private static void MakeTree(NativeFolder folder, Random random)
    {
        byte[][] names = ["a"u8.ToArray(), "a.txt"u8.ToArray(), "a b"u8.ToArray(), "a-"u8.ToArray(), "B"u8.ToArray(), [0xff, 0x01], [0xc3, 0xa4], "z"u8.ToArray()];
        folder.MakeFolder("root"u8);
        Fill("root"u8.ToArray(), 0);

        void Fill(byte[] parent, int depth)
        {
            foreach (byte[] name in names)
            {
                byte[] path = [.. parent, (byte)'/', .. name];
                switch (random.Next(depth < 3 ? 5 : 3))
                {
                    case 0:
                        folder.MakeLink(path, "../somewhere"u8);
                        break;
                    case 1 when random.Next(20) == 0:
                        folder.MakeFile(path, RandomBytes(ManualSource.Base + random.Next(2 * ManualSource.Base)));
                        break;
                    case 1 or 2:
                        folder.MakeFile(path, RandomBytes(random.Next(3) * random.Next(3000)));
                        break;
                    default:
                        folder.MakeFolder(path);
                        Fill(path, depth + 1);
                        break;
                }
            }
        }

        byte[] RandomBytes(int length)
        {
            byte[] bytes = new byte[length];
            random.NextBytes(bytes);
            return bytes;
        }
    }

    private static void AssertSame(FolderHandle left, FolderHandle right, byte[] name)
    {
        Assert.Equal(Errno.None, left.TryStatus(name, out FileStatus a));
        Assert.Equal(Errno.None, right.TryStatus(name, out FileStatus b));
        Assert.Equal((a.Kind, a.Mode, a.ModifiedNs), (b.Kind, b.Mode, b.ModifiedNs));
        switch (a.Kind)
        {
            case FileKind.SymbolicLink:
                left.TryReadLink(name, out byte[] target);
                right.TryReadLink(name, out byte[] copied);
                Assert.Equal(target, copied);
                break;
            case FileKind.File:
                Assert.Equal(Content(left, name, a.Size), Content(right, name, b.Size));
                break;
            default:
                using (FolderHandle leftFolder = left.OpenFolder(name))
                using (FolderHandle rightFolder = right.OpenFolder(name))
                {
                    List<byte[]> names = Names(leftFolder);
                    Assert.Equal(names.Select(Convert.ToHexString), Names(rightFolder).Select(Convert.ToHexString));
                    names.ForEach(one => AssertSame(leftFolder, rightFolder, one));
                }

                break;
        }
    }

    private static List<byte[]> Names(FolderHandle folder)
    {
        List<byte[]> names = [];
        folder.List(name => names.Add(name.ToArray()));
        return [.. names.OrderBy(Convert.ToHexString, StringComparer.Ordinal)];
    }

    private static byte[] Content(FolderHandle folder, byte[] name, long size)
    {
        using FileHandle file = folder.OpenFile(name);
        byte[] bytes = new byte[size];
        Assert.Equal(size, file.Read(bytes, 0));
        return bytes;
    }
}
