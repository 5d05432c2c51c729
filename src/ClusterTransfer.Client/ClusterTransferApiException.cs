using ClusterTransfer.Model;

namespace ClusterTransfer.Client;

/// <summary>A request that failed: what the node answered, or that it did not answer.</summary>
public sealed class ClusterTransferApiException : ClusterTransferException
{
    /// <summary>Makes the exception; code, exit code and remedy are the catalogue's unless given.</summary>
    public ClusterTransferApiException(
        Problem problem, string? remedy = null, string? code = null, int? exitCode = null, bool isConnectionFailure = false, bool mayHaveArrived = false, Exception? inner = null,
        TimeSpan? retryAfter = null)
        : base(problem, inner)
    {
        ReasonInfo info = problem.Reason.Info();
        Code = code ?? info.Code;
        ExitCode = exitCode ?? info.ExitCode;
        Remedy = remedy ?? info.Remedy;
        IsConnectionFailure = isConnectionFailure;
        MayHaveArrived = mayHaveArrived;
        RetryAfter = retryAfter;
    }

    /// <summary>The node's stable code: also one that this client does not know yet.</summary>
    public string Code { get; }

    /// <summary>Exit code of <c>ct</c> for it.</summary>
    public int ExitCode { get; }

    /// <summary>What to do about it.</summary>
    public string Remedy { get; }

    /// <summary>Whether there was no answer at all, so that asking again may help.</summary>
    public bool IsConnectionFailure { get; }

    /// <summary>Whether the node may have acted on the request although no answer came back.</summary>
    public bool MayHaveArrived { get; }

    /// <summary>How long the node asks to wait before the next attempt; null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; }
}
