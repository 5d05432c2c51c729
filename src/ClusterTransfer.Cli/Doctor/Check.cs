using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Doctor;

/// <summary>What came out of a check, the worst last.</summary>
internal enum CheckStatus
{
    /// <summary>Not looked at, because of something else.</summary>
    Skip,

    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Works, but should be looked at.</summary>
    Warn,

    /// <summary>Does not work.</summary>
    Fail,
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Name">Short and stable.</param>
/// <param name="Status">What came out.</param>
/// <param name="Detail">One sentence.</param>
/// <param name="Remedy">What to type; null when there is nothing to do.</param>
/// <param name="Failure">The failure, of which the exit code comes; null unless it failed.</param>
internal sealed record Check(string Name, CheckStatus Status, string Detail, string? Remedy, Failure? Failure)
{
    public static Check Ok(string name, string detail) => new(name, CheckStatus.Ok, detail, null, null);

    public static Check Skip(string name, string why) => new(name, CheckStatus.Skip, why, null, null);

    public static Check Warn(string name, string detail, string remedy) => new(name, CheckStatus.Warn, detail, remedy, null);

    public static Check Fail(string name, Failure failure) => new(name, CheckStatus.Fail, failure.What, failure.Remedy, failure);

    public static Check Fail(string name, ClusterTransferException error) => Fail(name, Failure.Of(error));
}
