using System.Diagnostics;

namespace ClusterTransfer.Benchmarks.Transfer.Processes;

/// <summary>A program this one started: its output, kept within a bound, its end, and the certainty that it ends with us.</summary>
internal sealed class RunningProcess : IAsyncDisposable
{
    private const int MaxLines = 2_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly Command _command;
    private readonly Queue<string> _lines = new();
    private readonly List<string> _output = [];
    private readonly Lock _lock = new();

    private RunningProcess(Command command, Process process)
    {
        _command = command;
        _process = process;
        process.OutputDataReceived += (_, line) => Add(line.Data, isOutput: true);
        process.ErrorDataReceived += (_, line) => Add(line.Data, isOutput: false);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        AppDomain.CurrentDomain.ProcessExit += EndWithUs;
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>The first lines of its standard output.</summary>
    public string Output
    {
        get
        {
            lock (_lock)
            {
                return string.Join('\n', _output);
            }
        }
    }

    /// <summary>Starts it.</summary>
    /// <exception cref="BenchmarkException">There is no such program.</exception>
    public static RunningProcess Start(Command command)
    {
        var start = new ProcessStartInfo(command.Program, command.Arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            Process process = Process.Start(start) ?? throw new BenchmarkException($"{command.Program} did not start.");
            process.StandardInput.Close();
            return new RunningProcess(command, process);
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new BenchmarkException($"{command.Program} did not start: {error.Message}.");
        }
    }

    /// <summary>Runs a command to its end.</summary>
    /// <returns>Its standard output.</returns>
    /// <exception cref="BenchmarkException">It ended with another code than 0.</exception>
    public static async Task<string> CallAsync(Command command, CancellationToken cancellationToken)
    {
        await using RunningProcess process = Start(command);
        int code = await process.EndAsync(cancellationToken);
        return code == 0 ? process.Output : throw new BenchmarkException($"{command} ended with {code}: {process.Tail(5)}");
    }

    /// <summary>Waits for its end and its last line.</summary>
    /// <returns>The exit code; 128 plus the signal for one that a signal ended.</returns>
    public async Task<int> EndAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>The first line it wrote that is not empty, to whichever of the two.</summary>
    public string Head()
    {
        lock (_lock)
        {
            return _lines.FirstOrDefault(line => line.Length > 0) ?? "";
        }
    }

    /// <summary>Its last words.</summary>
    public string Tail(int count)
    {
        lock (_lock)
        {
            return string.Join(" / ", _lines.TakeLast(count)).Trim();
        }
    }

    /// <summary>Ends it and its descendants, and waits until it is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= EndWithUs;
        if (!_process.HasExited)
        {
            await ProcessTree.StopAsync([Id], Patience);
            await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(Patience);
        }

        _process.Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() => $"{_command} (process {Id})";

    private void Add(string? line, bool isOutput)
    {
        if (line is null)
        {
            return;
        }

        lock (_lock)
        {
            if (isOutput && _output.Count < MaxLines)
            {
                _output.Add(line);
            }

            _lines.Enqueue(line);
            if (_lines.Count > MaxLines)
            {
                _lines.Dequeue();
            }
        }
    }

    // The last resort, when nobody disposed of it: no waiting here.
    private void EndWithUs(object? sender, EventArgs e)
    {
        foreach (ProcessStat process in ProcessTree.Of([Id]))
        {
            LibC.Signal(process.Id, LibC.SigTerm);
        }
    }
}
