namespace ClusterTransfer.Chaos.Invariants;

/// <summary>I2: looks at the final names all the while, from outside. What stands there is nothing or the complete file, with its mode and time, never a part.</summary>
internal sealed class FinalNameWatcher : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    private readonly string _target;
    private readonly (string Path, SnapshotEntry Entry)[] _files;
    private readonly Dictionary<string, long> _complete = [];
    private readonly Func<bool> _isAway;
    private readonly Task _watching;
    private readonly List<string> _violations = [];
    private volatile bool _stopped;

    /// <param name="target">Where the item will appear.</param>
    /// <param name="source">What it must be.</param>
    /// <param name="isAway">Whether the disk is away just now.</param>
    public FinalNameWatcher(string target, TreeSnapshot source, Func<bool> isAway)
    {
        _isAway = isAway;
        _target = target;
        _files = [.. source.Entries.Where(entry => entry.Value.Kind == "file").Select(entry => (entry.Key, entry.Value))];
        _watching = Task.Run(WatchAsync);
    }

    /// <summary>How often it looked at all of them.</summary>
    public int Looks { get; private set; }

    /// <summary>Stops, and says what it saw that must not be.</summary>
    public async Task<IReadOnlyList<string>> StopAsync()
    {
        _stopped = true;
        await _watching;
        return _violations;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task WatchAsync()
    {
        while (!_stopped)
        {
            try
            {
                if (_isAway())
                {
                    _complete.Clear(); // a name whose folder was not flushed yet may go with the power
                }
                else
                {
                    foreach ((string path, SnapshotEntry entry) in _files)
                    {
                        Look(path, entry);
                    }

                    Looks++;
                }
            }
            catch (IOException) when (_isAway())
            {
                // The disk went under the look.
            }

            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    private void Look(string path, SnapshotEntry expected)
    {
        string full = path == "." ? _target : Path.Combine(_target, path);
        var info = new FileInfo(full);
        if (!info.Exists)
        {
            if (_complete.ContainsKey(path))
            {
                _violations.Add($"I2: {path} was complete and is gone");
                _complete.Remove(path);
            }

            return;
        }

        long changed = info.LastWriteTimeUtc.Ticks;
        if (_complete.TryGetValue(path, out long seen) && seen == changed && info.Length == expected.Size)
        {
            return;
        }

        var found = new SnapshotEntry("file", info.Length, (int)info.UnixFileMode, changed, info.Length == expected.Size ? TreeSnapshot.HashOf(full) : "another length");
        if (found != expected)
        {
            _violations.Add($"I2: {path} was seen as {found} instead of {expected}");
        }

        _complete[path] = changed;
    }
}
