using ClusterTransfer.Simulation.Nodes;

namespace ClusterTransfer.Simulation.Runs;

/// <summary>Folders in memory for the runs of one process: the sources once, and a folder for each run.</summary>
internal sealed class Workplace : IDisposable
{
    private readonly string _folder;
    private string? _run;
    private int _runs;

    public Workplace()
    {
        // In memory: a run makes hundreds of flushes, and what survives is decided by the run and not by a disk.
        string root = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        _folder = Path.Combine(root, $"clustertransfer-sim-{Path.GetRandomFileName()}");
        Sources = Path.Combine(_folder, "src");
        Trees = SourceTree.Create(Sources);
    }

    public string Sources { get; }

    public IReadOnlyList<SourceTree> Trees { get; }

    /// <summary>An empty folder for the next run; the one of the run before is gone with that.</summary>
    public string NewFolder()
    {
        ClearRun();
        _run = Path.Combine(_folder, $"run-{++_runs % 2}");
        return Directory.CreateDirectory(_run).FullName;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void ClearRun()
    {
        if (_run is not null && Directory.Exists(_run))
        {
            Directory.Delete(_run, recursive: true);
        }
    }
}
