namespace ClusterTransfer.Node.Configuration;

/// <summary>What is wrong with one key.</summary>
/// <param name="Key">Its path beneath the root section.</param>
/// <param name="Text">What was wanted and what was got, without a full stop.</param>
/// <param name="Cause">The key whose value makes it a problem, when that is another one.</param>
internal readonly record struct ConfigurationProblem(string Key, string Text, string? Cause = null)
{
    public override string ToString() => $"{Key}: {Text}.";
}
