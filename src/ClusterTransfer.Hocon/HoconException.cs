namespace ClusterTransfer.Hocon;

/// <summary>A configuration text is malformed, or a value is missing or of the wrong kind. The message starts with the origin.</summary>
public sealed class HoconException : Exception
{
    /// <summary>Makes the exception for a place in a text.</summary>
    /// <param name="problem">One sentence that names the input and what was wanted.</param>
    /// <param name="origin">Where.</param>
    /// <param name="key">The path of the key in question, when there is one.</param>
    /// <param name="inner">What caused it.</param>
    public HoconException(string problem, HoconOrigin origin, string? key = null, Exception? inner = null)
        : base($"{origin}: {problem}", inner)
    {
        Problem = problem;
        Origin = origin;
        Key = key;
    }

    internal HoconException(HoconException first, IReadOnlyList<HoconException> more)
        : this(first.Problem, first.Origin, first.Key, first.InnerException) => More = more;

    /// <summary>Further problems of the same kind, found after this one: substitutions without a value are reported together.</summary>
    public IReadOnlyList<HoconException> More { get; } = [];

    /// <summary>The sentence without the origin.</summary>
    public string Problem { get; }

    /// <summary>Where.</summary>
    public HoconOrigin Origin { get; }

    /// <summary>The path of the key in question; null for an error of syntax.</summary>
    public string? Key { get; }
}
