using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Storage.Tests.Native;
using ClusterTransfer.TestKit;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Incoming;

/// <summary>A location in a temp folder, and one transfer into its folder "in", opened and reopened as sessions would.</summary>
internal sealed class Destination : IDisposable
{
    private readonly TestFolder? _folder;
    private readonly Action<string>? _onBuffered;
    private uint _session;

    public Destination()
    {
        _folder = new TestFolder();
        Root = _folder.Create("data");
        Location = OpenLocation();
    }

    /// <summary>In a folder that the test owns.</summary>
    public Destination(string root, Action<string>? onBuffered = null)
    {
        Root = root;
        _onBuffered = onBuffered;
        Location = OpenLocation();
    }

    public Location Location { get; private set; }

    public TransferId Id { get; init; } = TransferId.New();

    public IncomingOptions Options { get; set; } = new() { FreeSpaceMarginBytes = 0 };

    public string Root { get; }

    public string Staging => Path.Combine(Root, ".clustertransfer", Id.Value);

    public string Journal => Path.Combine(Staging, "journal.log");

    public string In(params string[] parts) => Path.Combine([Root, "in", .. parts]);

    public string Part(uint entry) => Path.Combine(Staging, $"{entry}.part");

    public IncomingTransfer Open(IncomingOptions? options = null) => OpenAt(new Epoch(1, ++_session), options);

    public IncomingTransfer OpenAt(Epoch epoch, IncomingOptions? options = null) =>
        IncomingTransfer.Open(Location, ManualSource.PathOf("in"), Id, epoch, options ?? Options, TimeProvider.System);

    /// <summary>Names in the staging folder besides the log and the index.</summary>
    public string[] Staged() => Directory.Exists(Staging)
        ? [.. Directory.GetFileSystemEntries(Staging).Select(path => Path.GetFileName(path)).Where(name => name is not ("journal.log" or "digests.bin")).Order()]
        : [];

    /// <summary>The journal's record types, in order.</summary>
    public List<JournalRecordType> Records()
    {
        List<JournalRecordType> types = [];
        using FolderHandle folder = FolderHandle.OpenAbsolute(Staging);
        using var medium = new FileJournalMedium(folder.OpenFile("journal.log"u8));
        JournalScanner.Scan(medium, Id, record => types.Add(record.Type));
        return types;
    }

    /// <summary>Checks that the destination folder holds exactly the source: bytes, modes, times, links, and nothing else.</summary>
    public void AssertEquals(ManualSource source, params string[] without)
    {
        HashSet<string> expected = [];
        using FolderHandle folder = FolderHandle.OpenAbsolute(In());
        foreach ((ManifestEntry entry, byte[] bytes) in source.Entries)
        {
            string path = Encoding.Latin1.GetString(entry.Path.Bytes);
            if (!without.Contains(path))
            {
                expected.Add(path);
                AssertEntry(folder, entry, bytes);
            }
        }

        List<string> found = [];
        Walk(folder, string.Empty, found);
        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    /// <summary>Checks that each file of the source is there, bytes, mode and time.</summary>
    public void AssertEqualFiles(ManualSource source)
    {
        using FolderHandle folder = FolderHandle.OpenAbsolute(In());
        foreach ((ManifestEntry entry, byte[] bytes) in source.Entries.Where(e => e.Entry.Kind == EntryKind.File))
        {
            AssertEntry(folder, entry, bytes);
        }
    }

    /// <summary>Checks that no final name shows anything but the whole file of the source, or of the one after it.</summary>
    public void AssertNoPart(ManualSource source, ManualSource? orOf = null)
    {
        if (!Directory.Exists(In()))
        {
            return;
        }

        using FolderHandle folder = FolderHandle.OpenAbsolute(In());
        foreach ((ManifestEntry entry, byte[] bytes) in source.Entries.Where(e => e.Entry.Kind == EntryKind.File))
        {
            if (folder.TryOpenFile(entry.Path.Bytes, out FileHandle? file) == Errno.None)
            {
                using (file)
                {
                    byte[] read = new byte[Math.Max(bytes.Length, orOf?.BytesOf(entry.Path).Length ?? 0) + 1];
                    int length = file!.Read(read, 0);
                    bool isWhole = read.AsSpan(0, length).SequenceEqual(bytes) || (orOf is not null && read.AsSpan(0, length).SequenceEqual(orOf.BytesOf(entry.Path)));
                    Assert.True(isWhole, $"{entry.Path} differs");
                }
            }
        }
    }

    public void Dispose()
    {
        if (_folder is not null)
        {
            NativeFolder.Empty(Location.Root); // names that are not UTF-8 are out of reach for System.IO
        }

        Location.Dispose();
        _folder?.Dispose();
    }

    /// <summary>Lets go of the folder, does something to it, and opens it again.</summary>
    public void Reopen(Action between)
    {
        Location.Dispose();
        between();
        Location = OpenLocation();
    }

    private Location OpenLocation() => Location.Open(new LocationOptions(new LocationName("beta"), Root, ReadOnly: false), _onBuffered);

    private static void AssertEntry(FolderHandle root, ManifestEntry entry, byte[] bytes)
    {
        using FolderHandle parent = root.OpenFolder(entry.Path.Parent.Bytes);
        Assert.Equal(Errno.None, parent.TryStatus(entry.Path.Name, out FileStatus status));
        Assert.Equal(entry.ModifiedNs, status.ModifiedNs);
        switch (entry.Kind)
        {
            case EntryKind.File:
                Assert.Equal(FileKind.File, status.Kind);
                Assert.Equal(entry.Mode & 0x1ff, status.Mode);
                using (FileHandle file = parent.OpenFile(entry.Path.Name))
                {
                    byte[] read = new byte[bytes.Length + 1];
                    Assert.Equal(bytes.Length, file.Read(read, 0));
                    Assert.True(read.AsSpan(0, bytes.Length).SequenceEqual(bytes), $"{entry.Path} differs");
                }

                break;
            case EntryKind.Folder:
                Assert.Equal(FileKind.Folder, status.Kind);
                Assert.Equal(entry.Mode & 0x1ff, status.Mode);
                break;
            default:
                Assert.Equal(Errno.None, parent.TryReadLink(entry.Path.Name, out byte[] target));
                Assert.Equal(entry.LinkTarget.ToArray(), target);
                break;
        }
    }

    private static void Walk(FolderHandle folder, string prefix, List<string> found)
    {
        List<byte[]> names = [];
        folder.List(name => names.Add(name.ToArray()));
        foreach (byte[] name in names)
        {
            string path = prefix + Encoding.Latin1.GetString(name);
            found.Add(path);
            if (folder.TryOpenFolder(name, out FolderHandle? sub) == Errno.None)
            {
                using (sub)
                {
                    Walk(sub!, path + "/", found);
                }
            }
        }
    }
}
