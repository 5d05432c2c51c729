using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Tests.Incoming.Recovery.CrashStates;

/// <summary>What became of a change that no flush had made sure of when the machine died.</summary>
internal enum Fate
{
    Kept,
    Lost,

    /// <summary>Of a write: only its first half arrived, or all of its size and only the last half of its bytes.</summary>
    FirstHalf,
    LastHalf,
}

/// <summary>A disk as it may be found after a crash: the changes of a log up to a moment, each of those not flushed with its fate.</summary>
internal sealed class CrashState
{
    private readonly SortedDictionary<int, Node> _nodes = [];
    private readonly Dictionary<(int Folder, string Name), int> _names = [];

    /// <param name="log">All changes.</param>
    /// <param name="end">The first that had not happened.</param>
    /// <param name="fates">Of those that were not flushed, by their place in the log; others are kept.</param>
    public CrashState(IReadOnlyList<DiskChange> log, int end, IReadOnlyDictionary<int, Fate> fates)
    {
        for (int i = 0; i < end; i++)
        {
            Apply(i, log[i], fates.GetValueOrDefault(i));
        }
    }

    /// <summary>Tells states apart; of the same text they are the same.</summary>
    public string Signature()
    {
        var text = new System.Text.StringBuilder();
        foreach (((int folder, string name), int child) in _names.OrderBy(name => name.Key.Folder).ThenBy(name => name.Key.Name, StringComparer.Ordinal))
        {
            Node node = _nodes[child];
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{folder}/{name}={child}:{node.Mode}:{node.ModifiedNs}:{node.Arrived};");
        }

        return text.ToString();
    }

    /// <summary>Changes before <paramref name="end"/> that a crash there may still undo.</summary>
    public static List<int> Undecided(IReadOnlyList<DiskChange> log, int start, int end)
    {
        List<int> open = [];
        for (int i = start; i < end; i++)
        {
            switch (log[i])
            {
                case Flushed { Node: null }:
                    open.Clear();
                    break;
                case Flushed flushed:
                    open.RemoveAll(at => IsSecured(log, at, i, flushed));
                    break;
                case Written or Attributed { IsSet: true } or Named:
                    open.Add(i);
                    break;
                default:
                    break;
            }
        }

        return open;
    }

    /// <summary>Builds it in an empty folder.</summary>
    /// <returns>The identity that each file had in the log, by the one it has now.</returns>
    public Dictionary<(ulong Inode, long Born), FileStatus> Build(string root)
    {
        Dictionary<(ulong Inode, long Born), FileStatus> identities = [];
        using FolderHandle folder = FolderHandle.OpenAbsolute(root);
        Build(folder, 0, identities);
        return identities;
    }

    // Bytes and size are made sure of by either flush, mode and time by the full one, a step with names when each folder it is about was flushed after it.
    private static bool IsSecured(IReadOnlyList<DiskChange> log, int at, int flushAt, Flushed flushed) => log[at] switch
    {
        Written written => written.Node == flushed.Node,
        Attributed attributed => attributed.Node == flushed.Node && !flushed.DataOnly,
        Named named => named.Folders.Contains(flushed.Node!.Value) && named.Folders.All(folder => // not null, as the caller saw
            Enumerable.Range(at, flushAt - at + 1).Any(i => log[i] is Flushed other && other.Node == folder)),
        _ => false,
    };

    private void Apply(int at, DiskChange change, Fate fate)
    {
        switch (change)
        {
            case Made made:
                _nodes.Add(made.Node, new Node(made));
                break;
            case Written written when fate != Fate.Lost:
                _nodes[written.Node].Write(at, written, fate);
                break;
            case Attributed attributed when fate != Fate.Lost:
                (_nodes[attributed.Node].Mode, _nodes[attributed.Node].ModifiedNs) = (attributed.Mode, attributed.ModifiedNs);
                break;
            // Nothing comes into a folder that itself is not there. The step is one, so the old name stays too: no file system with a journal parts the two.
            case Named named when fate != Fate.Lost && named.Added.All(name => IsThere(name.Folder) || named.Added.Any(other => other.Node == name.Folder)):
                foreach ((int folder, string name) in named.Removed)
                {
                    _names.Remove((folder, name));
                }

                foreach ((int folder, string name, int node) in named.Added)
                {
                    _names[(folder, name)] = node;
                }

                break;
            default:
                break;
        }
    }

    private bool IsThere(int folder) => folder == 0 || _names.Any(name => name.Value == folder && IsThere(name.Key.Folder));

    private void Build(FolderHandle folder, int number, Dictionary<(ulong Inode, long Born), FileStatus> identities)
    {
        foreach (((int parent, string text), int child) in _names.Where(name => name.Key.Folder == number))
        {
            byte[] name = System.Text.Encoding.UTF8.GetBytes(text);
            Node node = _nodes[child];
            switch (node.Made.Status.Kind)
            {
                case FileKind.Folder:
                    folder.TryCreateFolder(name, 0x1c0).OrThrow("make", folder, name);
                    using (FolderHandle sub = folder.OpenFolder(name))
                    {
                        Build(sub, child, identities);
                        Finish(sub, node, identities);
                    }

                    break;
                case FileKind.SymbolicLink:
                    folder.TryCreateSymbolicLink(System.Text.Encoding.UTF8.GetBytes(node.Made.LinkTarget!), name).OrThrow("link", folder, name); // a link has one
                    folder.TrySetModified(name, node.ModifiedNs).OrThrow("date", folder, name);
                    folder.TryStatus(name, out FileStatus status).OrThrow("look at", folder, name);
                    identities[(status.Inode, status.BornNs)] = node.Made.Status;
                    break;
                default:
                    using (FileHandle file = folder.CreateFile(name, 0x180))
                    {
                        file.Write(node.Bytes, 0);
                        Finish(file, node, identities);
                    }

                    break;
            }
        }
    }

    private static void Finish(NativeHandle handle, Node node, Dictionary<(ulong Inode, long Born), FileStatus> identities)
    {
        handle.SetMode(node.Mode);
        handle.SetModified(node.ModifiedNs);
        FileStatus status = handle.Status();
        identities[(status.Inode, status.BornNs)] = node.Made.Status;
    }

    private sealed class Node(Made made)
    {
        public Made Made { get; } = made;

        public int Mode { get; set; } = made.Status.Mode;

        public long ModifiedNs { get; set; } = made.Status.ModifiedNs;

        public byte[] Bytes { get; private set; } = [];

        /// <summary>Which writes made the bytes.</summary>
        public string Arrived { get; private set; } = string.Empty;

        public void Write(int at, Written written, Fate fate)
        {
            Arrived += $"{at}{fate} ";
            int half = written.Bytes.Length / 2;
            byte[] now = new byte[fate == Fate.FirstHalf ? Math.Max(Bytes.Length, written.Offset + half) : written.Size];
            Bytes.AsSpan(0, Math.Min(Bytes.Length, now.Length)).CopyTo(now);
            ReadOnlySpan<byte> arrived = fate switch
            {
                Fate.FirstHalf => written.Bytes.AsSpan(0, half),
                Fate.LastHalf => written.Bytes.AsSpan(half),
                _ => written.Bytes,
            };
            arrived.CopyTo(now.AsSpan((int)written.Offset + (fate == Fate.LastHalf ? half : 0)));
            Bytes = now;
        }
    }
}
