using System.Text.Json;
using ClusterTransfer.Client;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Output;

/// <summary>What went wrong, for people and for scripts.</summary>
/// <param name="What">One sentence that names the input.</param>
/// <param name="Remedy">What to do about it.</param>
/// <param name="Code">Stable kebab-case code.</param>
/// <param name="ExitCode">Exit code of <c>ct</c> for it.</param>
/// <param name="IsPassing">Whether repeating later may help.</param>
internal sealed record Failure(string What, string Remedy, string Code, int ExitCode, bool IsPassing)
{
    public static Failure Of(ClusterTransferException failure)
    {
        ReasonInfo info = failure.Reason.Info();
        return failure switch
        {
            ClusterTransferApiException answer => new(answer.Message, answer.Remedy, answer.Code, answer.ExitCode, info.Class == ReasonClass.Transient),
            CliException own => new(own.Message, own.Remedy, info.Code, info.ExitCode, info.Class == ReasonClass.Transient),
            _ => Of(failure.Problem),
        };
    }

    /// <summary>A problem as the catalogue has it.</summary>
    public static Failure Of(Problem problem)
    {
        ReasonInfo info = problem.Reason.Info();
        return new Failure(problem.Detail, info.Remedy, info.Code, info.ExitCode, info.Class == ReasonClass.Transient);
    }

    /// <summary>Whether this one decides the exit code: what repeating does not mend comes before what may pass, then the higher code.</summary>
    public bool IsWorseThan(Failure? other) => other is null || (!IsPassing, ExitCode).CompareTo((!other.IsPassing, other.ExitCode)) > 0;

    /// <summary>What, a dash, the remedy, the code.</summary>
    public string Line => $"ct: {PathText.EscapeControls(What)} \u2014 {PathText.EscapeControls(Remedy)} ({Code})";

    /// <summary>The members <c>code</c>, <c>detail</c>, <c>remedy</c> and <c>exitCode</c>, named as in the API's problems.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("code", Code);
        json.WriteString("detail", What);
        json.WriteString("remedy", Remedy);
        json.WriteNumber("exitCode", ExitCode);
    }
}
