using System.Diagnostics;

namespace ClusterTransfer.Chaos.Harness;

/// <summary>One run of a program: its lines as they come, its end, and the certainty that it ends with the test.</summary>
internal sealed class ProcessRun : IAsyncDisposable
{
    /// <summary>What a shell reports for a process that SIGKILL ended.</summary>
    public const int KilledExitCode = 128 + 9;

    private const int MaxLines = 100_000;

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly Lock _lock = new();

    private ProcessRun(string title, Process process)
    {
        Title = title;
        _process = process;
        process.OutputDataReceived += (_, line) => Add(line.Data, "");
        process.ErrorDataReceived += (_, line) => Add(line.Data, "! ");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        AppDomain.CurrentDomain.ProcessExit += EndWithUs;
    }

    public string Title { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Standard output, and standard error behind "! ", in the order of arrival.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>What it wrote to standard error.</summary>
    public IEnumerable<string> ErrorLines => Lines.Where(line => line.StartsWith("! ", StringComparison.Ordinal)).Select(line => line[2..]);

    public static ProcessRun Start(string title, string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        Process process = Process.Start(start) ?? throw new ChaosException($"{title} did not start.");
        process.StandardInput.Close();
        return new ProcessRun(title, process);
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="ChaosException">It ended with another code than 0; carries what it wrote.</exception>
    public static async Task<IReadOnlyList<string>> CallAsync(string program, params string[] arguments)
    {
        await using ProcessRun run = Start($"{Path.GetFileName(program)} {string.Join(' ', arguments)}", program, arguments);
        int code = await run.EndAsync(Patience.Transfer);
        return code == 0 ? run.Lines : throw new ChaosException($"{run.Title} ended with {code}:\n{run.Tail(40)}");
    }

    /// <summary>SIGKILL, to this process alone.</summary>
    public void Kill() => _process.Kill(entireProcessTree: false);

    /// <summary>SIGTERM.</summary>
    public Task TerminateAsync() => CallAsync("/bin/sh", "-c", $"kill -TERM {Id}");

    /// <summary>Waits for its end however long that takes.</summary>
    public async Task<int> EndedAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Waits for its end and its last line.</summary>
    /// <returns>The exit code; 128 plus the signal for one that a signal ended.</returns>
    public async Task<int> EndAsync(TimeSpan deadline)
    {
        try
        {
            await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(deadline);
        }
        catch (TimeoutException)
        {
            throw new ChaosException($"{Title} (process {Id}) had not ended after {deadline.TotalSeconds:0} s.");
        }

        return _process.ExitCode;
    }

    public string Tail(int count)
    {
        IReadOnlyList<string> lines = Lines;
        return string.Join('\n', lines.Skip(Math.Max(0, lines.Count - count)));
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= EndWithUs;
        if (!_process.HasExited)
        {
            Kill();
            await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(Patience.Process);
        }

        _process.Dispose();
    }

    private void Add(string? line, string mark)
    {
        lock (_lock)
        {
            if (line is not null && _lines.Count < MaxLines)
            {
                _lines.Add(mark + line);
            }
        }
    }

    private void EndWithUs(object? sender, EventArgs e)
    {
        if (!_process.HasExited)
        {
            Kill();
        }
    }
}
