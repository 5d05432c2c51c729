namespace ClusterTransfer.Model;

/// <summary>A reason with what it is about: the named input, path, chunk or node.</summary>
/// <param name="Reason">Which kind.</param>
/// <param name="Detail">One sentence that names the input; already escaped for showing.</param>
public sealed record Problem(Reason Reason, string Detail)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Reason.Info().Code}: {Detail}";
}

/// <summary>An expected failure at a boundary, with its reason and what it is about.</summary>
public class ClusterTransferException : Exception
{
    /// <summary>Makes the exception for a problem.</summary>
    public ClusterTransferException(Problem problem, Exception? inner = null)
        : base(problem.Detail, inner) => Problem = problem;

    /// <summary>Makes the exception from a reason and one sentence that names the input.</summary>
    public ClusterTransferException(Reason reason, string detail, Exception? inner = null)
        : this(new Problem(reason, detail), inner)
    {
    }

    /// <summary>What went wrong.</summary>
    public Problem Problem { get; }

    /// <summary>Which kind.</summary>
    public Reason Reason => Problem.Reason;
}
