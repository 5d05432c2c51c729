using System.Text;
using System.Threading.Channels;
using ClusterTransfer.Cli.Terminal;
using ClusterTransfer.Node.Tests.Api;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Cli.Tests;

/// <summary>Runs <c>ct</c> inside the test, with a world made for it.</summary>
internal sealed class CliRun : IDisposable
{
    private readonly SignallingWriter _error = new();
    private readonly StringWriter _out = new() { NewLine = "\n" };

    public Signals Signals { get; } = new();

    public Dictionary<string, string> Variables { get; } = new() { ["CT_TOKEN"] = ApiTestServer.TokenText, ["NO_COLOR"] = "1" };

    public bool IsTerminal { get; init; }

    public string Input { get; init; } = string.Empty;

    /// <summary>What is typed where nothing is shown.</summary>
    public string? Secret { get; set; }

    public string ProcFolder { get; set; } = "/proc";

    public TimeSpan Patience { get; init; } = TimeSpan.Zero;

    public TimeSpan SecondInterruptWindow { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Clock of the command.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public string Folder { get; init; } = "/srv/src/photos";

    public NodeRunnerCall? NodeCall { get; private set; }

    public string Out => _out.ToString();

    public string Error => _error.Text;

    public async Task<int> RunAsync(Uri? node, params string[] args)
    {
        if (node is not null)
        {
            Variables["CT_NODE"] = node.ToString();
        }

        var host = new CliHost
        {
            Out = _out,
            Error = _error,
            In = new StringReader(Input),
            ProcFolder = ProcFolder,
            ReadSecret = () => Secret,
            IsInputTerminal = IsTerminal,
            IsErrorTerminal = IsTerminal,
            Variable = name => Variables.GetValueOrDefault(name),
            CurrentFolder = Folder,
            Signals = Signals,
            Time = Time,
            RefusedPatience = Patience,
            LostAnswerPatience = Patience,
            SecondInterruptWindow = SecondInterruptWindow,
            RunNode = (file, overrides, _) =>
            {
                NodeCall = new NodeRunnerCall(file, overrides);
                return Task.FromResult(0);
            },
        };
        return await CtApplication.RunAsync(args, host).WithinDeadline();
    }

    /// <summary>Waits until standard error has the text.</summary>
    public Task ErrorHasAsync(string text) => _error.HasAsync(text).WithinDeadline();

    public void Dispose()
    {
        Signals.Dispose();
        _out.Dispose();
        _error.Dispose();
    }

    internal sealed record NodeRunnerCall(string File, IReadOnlyDictionary<string, string> Overrides);

    /// <summary>Tells who waits when something was written.</summary>
    private sealed class SignallingWriter : TextWriter
    {
        private readonly StringBuilder _text = new();
        private readonly Channel<bool> _written = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

        public SignallingWriter() => NewLine = "\n";

        public override Encoding Encoding => Encoding.UTF8;

        public string Text
        {
            get
            {
                lock (_text)
                {
                    return _text.ToString();
                }
            }
        }

        public override void Write(char value) => Write(value.ToString());

        public override void Write(string? value)
        {
            lock (_text)
            {
                _text.Append(value);
            }

            _written.Writer.TryWrite(true);
        }

        public override void WriteLine(string? value) => Write(value + "\n");

        public async Task HasAsync(string text)
        {
            while (!Text.Contains(text, StringComparison.Ordinal))
            {
                await _written.Reader.ReadAsync();
            }
        }
    }
}
