using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Outgoing.Reading;

/// <summary>Keeps large source files open between two chunks; the least recently used one is closed when there are too many. Thread-safe.</summary>
/// <param name="capacity">Files kept open; those in use at a moment may exceed it by one for each reading thread.</param>
internal sealed class SourceFiles(int capacity) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<EntryIndex, LinkedListNode<Kept>> _byEntry = [];
    private readonly LinkedList<Kept> _oldestFirst = [];
    private bool _disposed;


    /// <summary>Files that are open now, lent or not.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _byEntry.Count;
            }
        }
    }

    /// <summary>Lends the open file of an entry, opened when it is not.</summary>
    /// <param name="entry">Which.</param>
    /// <param name="open">Opens and checks it; called without the lock.</param>
    /// <param name="problem">Why there is none.</param>
    /// <returns>The loan, to be disposed; null when it could not be opened.</returns>
    public Loan? Borrow(EntryIndex entry, Func<(FileHandle? File, Problem? Problem)> open, out Problem? problem)
    {
        problem = null;
        if (Find(entry) is { } known)
        {
            return known;
        }

        (FileHandle? file, problem) = open();
        return file is null ? null : Add(entry, file);
    }

    /// <summary>Closes the file of an entry once nobody uses it; the next reader opens it anew.</summary>
    public void Forget(EntryIndex entry)
    {
        lock (_lock)
        {
            if (_byEntry.TryGetValue(entry, out LinkedListNode<Kept>? node))
            {
                RemoveLocked(node);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            while (_oldestFirst.First is { } node)
            {
                RemoveLocked(node);
            }
        }
    }

    private Loan? Find(EntryIndex entry)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_byEntry.TryGetValue(entry, out LinkedListNode<Kept>? node))
            {
                return null;
            }

            _oldestFirst.Remove(node);
            _oldestFirst.AddLast(node);
            node.Value.Users++;
            return new Loan(this, node.Value);
        }
    }

    private Loan Add(EntryIndex entry, FileHandle file)
    {
        lock (_lock)
        {
            // Two threads may have opened it at once: the later one uses its own handle and closes it after.
            var kept = new Kept(entry, file) { Users = 1, Removed = _disposed || _byEntry.ContainsKey(entry) };
            if (!kept.Removed)
            {
                _byEntry.Add(entry, _oldestFirst.AddLast(kept));
                while (_byEntry.Count > capacity && _oldestFirst.First is { } oldest)
                {
                    RemoveLocked(oldest);
                }
            }

            return new Loan(this, kept);
        }
    }

    private void RemoveLocked(LinkedListNode<Kept> node)
    {
        _oldestFirst.Remove(node);
        _byEntry.Remove(node.Value.Entry);
        node.Value.Removed = true;
        if (node.Value.Users == 0)
        {
            node.Value.File.Dispose();
        }
    }

    private void Return(Kept kept)
    {
        lock (_lock)
        {
            if (--kept.Users == 0 && kept.Removed)
            {
                kept.File.Dispose();
            }
        }
    }

    /// <summary>The right to read an open file until disposed.</summary>
    public sealed class Loan : IDisposable
    {
        private readonly SourceFiles _owner;
        private Kept? _kept;

        internal Loan(SourceFiles owner, Kept kept)
        {
            _owner = owner;
            _kept = kept;
            File = kept.File;
        }

        /// <summary>The file; not to be closed.</summary>
        public FileHandle File { get; }

        /// <inheritdoc/>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _kept, null) is { } kept)
            {
                _owner.Return(kept);
            }
        }
    }

    /// <summary>An open file; its numbers are guarded by the owner's lock.</summary>
    internal sealed class Kept(EntryIndex entry, FileHandle file)
    {
        public EntryIndex Entry { get; } = entry;

        public FileHandle File { get; } = file;

        public int Users { get; set; }

        public bool Removed { get; set; }
    }
}
