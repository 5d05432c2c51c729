using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Storage.Tests.Incoming;

/// <summary>Names that file systems, people and other systems disagree about arrive byte for byte, side by side; or are refused before anything is written.</summary>
[Trait("row", "D17")]
public sealed class NameTests : IDisposable
{
    private readonly Destination _to = new();

    public void Dispose() => _to.Dispose();

    public static TheoryData<string[]> Together =>
    [
        new(new[] { "\u00e9", "e\u0301" }),
        new(new[] { "Name", "name", "NAME" }),
        new(new[] { "\u212b", "\u00c5", "A\u030a" }),
        new(new[] { "ß", "ss", "SS", "ẞ" }),
        new(new[] { "ı", "i", "I", "İ" }),
        new(new[] { "x", "x ", "x.", " x" }),
        new(new[] { new string('n', 255), new string('n', 254) }),
        new(new[] { new string('é', 127), new string('é', 126) }),
        new(new[] { "con", "nul", "a:b", "a\\b", "*", "?", "\"", "<>|" }),
        new(new[] { "\u202etxt.exe", "a\nb", "\u001b[31m", "-rf", "~", "😀" }),
    ];

    [Theory]
    [MemberData(nameof(Together))]
    public void Deliver_NamesThatLookAlike_AreAllThere(string[] names)
    {
        var source = new ManualSource().Folder("t");
        foreach ((string name, int i) in names.Select(Bytes).Order(StringComparer.Ordinal).Select((name, i) => (name, i)))
        {
            source.File("t/" + name, [(byte)i, 1, 2]);
        }

        using IncomingTransfer transfer = _to.Open();
        source.Deliver(transfer);
        _to.AssertEquals(source);
        Assert.Empty(transfer.Issues);
    }

    [Fact]
    public void Deliver_LongestPath_IsThere()
    {
        // The location's folder does not count: every name is reached from a handle.
        int depth = (SafeRelativePath.MaxLength - "in/".Length - "t/".Length) / 201;
        var source = new ManualSource().Folder("t");
        string path = "t";
        for (int i = 1; i < depth; i++)
        {
            source.Folder(path += "/" + new string('d', 200));
        }

        path += "/";
        path += new string('f', Math.Min(255, SafeRelativePath.MaxLength - "in/".Length - path.Length));
        source.File(path, [1, 2, 3]);
        using IncomingTransfer transfer = _to.Open();
        source.Deliver(transfer);
        Assert.Empty(transfer.Issues);
        Assert.Equal(1, transfer.Progress.FilesPublished);
        using Storage.Native.FileHandle file = _to.Location.Root.OpenFile(Encoding.ASCII.GetBytes("in/" + path));
        Assert.Equal(3, file.Status().Size);
    }

    // On a file system that takes two names for one, the second meets the first: it is skipped and named, and never mixed with it.
    [Theory]
    [InlineData(ConflictPolicy.Fail)]
    [InlineData(ConflictPolicy.Overwrite)]
    public void Deliver_NamesEqualInOtherCase_WhereTheFileSystemTakesThemForOne_AreNeverMixed(ConflictPolicy conflict)
    {
        using CuttableDisk? disk = CuttableDisk.TryCreate(null, "-O", "casefold");
        string root = disk is null ? string.Empty : Path.Combine(disk.Root, "data");
        if (disk is not null)
        {
            Directory.CreateDirectory(root);
        }

        Assert.SkipUnless(disk is not null && Native.Tools.TryRun("chattr", "+F", root), "Needs root, a loop device, and a kernel that folds case on ext4.");
        using var to = new Destination(root);
        ManualSource source = new ManualSource().Folder("t").File("t/Name", Enumerable.Repeat((byte)1, 3 * ManualSource.Base).ToArray()).File("t/name", Enumerable.Repeat((byte)2, 2 * ManualSource.Base).ToArray());
        using IncomingTransfer transfer = to.Open(to.Options with { Conflict = conflict });
        source.Deliver(transfer);
        byte[] found = File.ReadAllBytes(Assert.Single(Directory.GetFiles(to.In("t"))));
        Assert.True(found.All(b => b == found[0]), "two files are mixed");
        Assert.Equal(found[0] == 1 ? 3 * ManualSource.Base : 2 * ManualSource.Base, found.Length);
        if (conflict == ConflictPolicy.Fail)
        {
            Assert.Equal(Reason.DestinationExists, Assert.Single(transfer.Issues).Problem.Reason);
        }
    }

    // The source's helper takes bytes as Latin-1.
    private static string Bytes(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}
