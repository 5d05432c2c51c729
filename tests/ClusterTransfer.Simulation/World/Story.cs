using ClusterTransfer.TestKit;

namespace ClusterTransfer.Simulation.World;

/// <summary>What happened in a run, line by line, and a hash over it: two runs of a seed are the same when their hashes are.</summary>
/// <remarks>The folder of the run is another one each time and is told as "~".</remarks>
internal sealed class Story(VirtualTime time, string folder)
{
    private const int MaxLines = 4000;

    private readonly Queue<string> _lines = new();
    private ulong _hash = 14695981039346656037;

    /// <summary>FNV-1a over all lines told so far, also those no longer kept.</summary>
    public ulong Hash => _hash;

    /// <summary>The first actor that threw in a handler, which nothing that is planned for does; null while none did.</summary>
    public string? Failure { get; private set; }

    /// <summary>An actor threw.</summary>
    public void NoteFailure(string what) => Failure ??= what;

    public void Tell(string who, string what)
    {
        string line = $"{time.Elapsed.TotalSeconds,10:0.0000} {who,-8} {what.Replace(folder, "~", StringComparison.Ordinal)}";
        foreach (char c in line)
        {
            _hash = (_hash ^ c) * 1099511628211;
        }

        _lines.Enqueue(line);
        if (_lines.Count > MaxLines)
        {
            _lines.Dequeue();
        }
    }

    public override string ToString() => string.Join('\n', _lines);
}
