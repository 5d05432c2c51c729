using ClusterTransfer.Client;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Output;

/// <summary>How a failure is said: what, a dash, the remedy, the code.</summary>
internal static class ErrorText
{
    /// <summary>Prints the failure and gives its exit code.</summary>
    public static int Write(TextWriter error, ClusterTransferException failure)
    {
        ReasonInfo info = failure.Reason.Info();
        var answer = failure as ClusterTransferApiException;
        var usage = failure as CliException;
        string remedy = answer?.Remedy ?? usage?.Remedy ?? info.Remedy;
        error.WriteLine(Line(failure.Message, remedy, answer?.Code ?? info.Code));
        return answer?.ExitCode ?? info.ExitCode;
    }

    public static string Line(string what, string remedy, string code) =>
        $"ct: {PathText.EscapeControls(what)} \u2014 {PathText.EscapeControls(remedy)} ({code})";
}
