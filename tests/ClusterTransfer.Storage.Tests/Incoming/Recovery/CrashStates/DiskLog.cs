using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Tests.Incoming.Recovery.CrashStates;

/// <summary>Writes down what the calls of this thread do to a folder: it looks at the folder before each call and so sees what the call before it did. It believes no description of the calls.</summary>
internal sealed class DiskLog : ISimulatedDisk, IDisposable
{
    private readonly string _root;
    private readonly Dictionary<(ulong Inode, long Born), int> _numbers = [];
    private readonly Dictionary<int, Seen> _seen = [];
    private Dictionary<(int Folder, string Name), int> _names = [];
    private bool _isLooking;
    private (NativeCall Call, int? Node)? _last;

    /// <summary>From here on; what is there now is on the disk.</summary>
    public DiskLog(string root)
    {
        _root = root;
        Look();
        Start = Changes.Count;
        NativeCalls.Simulate(this);
    }

    /// <summary>Everything, what was there at the start first.</summary>
    public List<DiskChange> Changes { get; } = [];

    /// <summary>Changes before this one are on the disk whatever happens.</summary>
    public int Start { get; }

    public Errno Before(NativeCall call, NativeHandle on)
    {
        if (!_isLooking && call is not (NativeCall.Read or NativeCall.DropCache))
        {
            Look();
            FileStatus status = on.Status();
            int? node = call != NativeCall.FlushFileSystem && _numbers.TryGetValue((status.Inode, status.BornNs), out int known) ? known : null;
            _last = (call, node);
        }

        return Errno.None;
    }

    /// <summary>Notes a promise, made after everything so far.</summary>
    public void Promise(IEnumerable<uint> durable, IEnumerable<string> published)
    {
        Look();
        Changes.Add(new Promised([.. durable], [.. published]));
    }

    public void Opened(NativeHandle handle)
    {
    }

    public void Dispose()
    {
        NativeCalls.Simulate(null);
        Look();
    }

    private void Look()
    {
        _isLooking = true;
        Dictionary<(int Folder, string Name), int> names = [];
        using (FolderHandle root = FolderHandle.OpenAbsolute(_root))
        {
            Walk(root, NodeOf(root.Status(), null), names);
        }

        (int Folder, string Name)[] removed = [.. _names.Where(name => !names.TryGetValue(name.Key, out int node) || node != name.Value).Select(name => name.Key)];
        (int Folder, string Name, int Node)[] added =
            [.. names.Where(name => !_names.TryGetValue(name.Key, out int node) || node != name.Value).Select(name => (name.Key.Folder, name.Key.Name, name.Value))];
        if (removed.Length + added.Length > 0)
        {
            Changes.Add(new Named(removed, added));
        }

        _names = names;
        if (_last is { Call: NativeCall.Flush or NativeCall.FlushData or NativeCall.FlushFileSystem } flushed)
        {
            Changes.Add(new Flushed(flushed.Node, flushed.Call == NativeCall.FlushData));
        }

        _last = null;
        _isLooking = false;
    }

    private void Walk(FolderHandle folder, int number, Dictionary<(int Folder, string Name), int> names)
    {
        List<byte[]> found = [];
        folder.List(name => found.Add(name.ToArray()));
        foreach (byte[] name in found)
        {
            folder.TryStatus(name, out FileStatus status).OrThrow("look at", folder, name);
            string? target = status.Kind == FileKind.SymbolicLink && folder.TryReadLink(name, out byte[] bytes) == Errno.None ? System.Text.Encoding.UTF8.GetString(bytes) : null;
            int node = NodeOf(status, target);
            names.Add((number, System.Text.Encoding.UTF8.GetString(name)), node);
            if (status.Kind == FileKind.Folder)
            {
                using FolderHandle sub = folder.OpenFolder(name);
                Walk(sub, node, names);
            }
            else if (status.Kind == FileKind.File)
            {
                Compare(folder, name, node, status);
            }

            Seen seen = _seen[node];
            if (status.Mode != seen.Mode || status.ModifiedNs != seen.ModifiedNs)
            {
                Changes.Add(new Attributed(node, status.Mode, status.ModifiedNs, IsSet: _last?.Call == NativeCall.SetAttributes));
                (seen.Mode, seen.ModifiedNs) = (status.Mode, status.ModifiedNs);
            }
        }
    }

    private int NodeOf(in FileStatus status, string? target)
    {
        (ulong Inode, long Born) key = (status.Inode, status.BornNs);
        if (!_numbers.TryGetValue(key, out int node))
        {
            node = _numbers.Count;
            _numbers.Add(key, node);
            _seen.Add(node, new Seen { Mode = status.Mode, ModifiedNs = status.ModifiedNs });
            Changes.Add(new Made(node, status, target));
        }

        return node;
    }

    // Only the file of the call before may have other bytes now, or one that is seen for the first time.
    private void Compare(FolderHandle folder, byte[] name, int node, in FileStatus status)
    {
        Seen seen = _seen[node];
        if (seen.Bytes is not null && _last?.Node != node)
        {
            return;
        }

        using FileHandle file = folder.OpenFile(name); // the tests run as root, or the files are our own and readable
        byte[] now = new byte[status.Size];
        int length = file.Read(now, 0);
        Assert.Equal(now.Length, length);
        byte[] before = seen.Bytes ?? [];
        int from = before.AsSpan().CommonPrefixLength(now);
        if (from < now.Length || before.Length != now.Length)
        {
            int to = now.Length;
            while (before.Length == now.Length && to > from && before[to - 1] == now[to - 1])
            {
                to--;
            }

            Changes.Add(new Written(node, from, now[from..to], now.Length));
        }

        seen.Bytes = now;
    }

    private sealed class Seen
    {
        public int Mode { get; set; }

        public long ModifiedNs { get; set; }

        public byte[]? Bytes { get; set; }
    }
}
