using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Output;

/// <summary>Files that were not delivered, with the evidence of given-up chunks.</summary>
internal static class IssueText
{
    public static void Write(TextWriter output, IReadOnlyList<FileIssue> issues, int most)
    {
        foreach (FileIssue issue in issues.Take(most))
        {
            ReasonInfo info = issue.Problem.Reason.Info();
            output.WriteLine(PathText.EscapeControls($"  {issue.State.ToString().ToLowerInvariant(),-8} {issue.Path}: {issue.Problem.Detail} ({info.Code})"));
            if (issue.Chunk is { } chunk)
            {
                output.WriteLine(PathText.EscapeControls(
                    $"           chunk {chunk.Index} at byte {Units.Count(chunk.FileOffset)}, sent {chunk.Attempts} times, last {Units.Time(chunk.LastAt)} by {chunk.Peer} over connection {chunk.Connection}"));
                output.WriteLine(PathText.EscapeControls($"           expected {chunk.Expected}"));
                output.WriteLine(PathText.EscapeControls($"           arrived  {chunk.Actual}"));
                output.WriteLine($"           remedy   {info.Remedy}");
            }
        }
    }
}
