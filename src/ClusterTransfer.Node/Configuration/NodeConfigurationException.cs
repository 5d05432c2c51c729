using ClusterTransfer.Model;

namespace ClusterTransfer.Node.Configuration;

/// <summary>A node cannot start with its configuration. Lists every problem, one a line, each with key, value, range and origin.</summary>
public sealed class NodeConfigurationException : ClusterTransferException
{
    internal NodeConfigurationException(string file, IReadOnlyList<string> problems, Exception? inner = null)
        : base(Model.Reason.InvalidRequest, Describe(file, problems), inner) => Problems = problems;

    /// <summary>The problems, in the order of the file's sections.</summary>
    public IReadOnlyList<string> Problems { get; }

    private static string Describe(string file, IReadOnlyList<string> problems) => PathText.Escape(file) + (problems.Count == 1
        ? $": 1 problem: {problems[0]}"
        : $": {problems.Count} problems:{string.Concat(problems.Select(problem => $"\n  - {problem}"))}");
}
