namespace ClusterTransfer.Node.Configuration;

/// <summary>What is wrong with one key.</summary>
/// <param name="Key">Its path beneath the root section.</param>
/// <param name="Text">What was wanted and what was got, without a full stop.</param>
internal readonly record struct ConfigurationProblem(string Key, string Text)
{
    public override string ToString() => $"{Key}: {Text}.";
}
