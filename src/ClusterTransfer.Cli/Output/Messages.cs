using ClusterTransfer.Cli.Terminal;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Output;

/// <summary>What is said on standard error beside progress: for people as lines, with <c>--progress json</c> as one JSON object a line.</summary>
internal sealed class Messages(CliHost host, bool asJson)
{
    /// <summary>The worst failure that was told; null when all went well.</summary>
    public Failure? Failure { get; private set; }

    /// <summary>Whether lines are JSON, so that nothing may be asked there.</summary>
    public bool AreJson => asJson;

    /// <summary>Tells something that is no failure.</summary>
    public void Say(string text) => host.Error.WriteLine(asJson
        ? JsonText.Line(JsonText.Of(json => json.WriteString("text", text), "message"))
        : PathText.EscapeControls(text));

    /// <summary>Tells a failure, and gives its exit code.</summary>
    public int Fail(Failure failure)
    {
        Failure = failure.IsWorseThan(Failure) ? failure : Failure;
        host.Error.WriteLine(asJson ? JsonText.Line(JsonText.Of(failure.WriteTo, "error")) : failure.Line);
        return failure.ExitCode;
    }
}
