using System.IO.Enumeration;

namespace ClusterTransfer.Actors;

/// <summary>One step of a selection.</summary>
public abstract class SelectionPathElement
{
    private protected SelectionPathElement() { }

    /// <summary>From the text between two slashes.</summary>
    internal static SelectionPathElement From(string element) => element switch
    {
        ".." => new SelectParent(),
        "**" => new SelectChildRecursive(),
        _ when element.AsSpan().ContainsAny('*', '?') => new SelectChildPattern(element),
        _ => new SelectChildName(element),
    };

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj?.GetType() == GetType() && ToString() == obj.ToString();

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(ToString() ?? "");
}

/// <summary>Down to the child of that name.</summary>
public sealed class SelectChildName(string name) : SelectionPathElement
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>Down to all children whose name fits.</summary>
public sealed class SelectChildPattern(string patternStr) : SelectionPathElement
{
    /// <summary><c>*</c> stands for any text, <c>?</c> for one character.</summary>
    public string PatternStr { get; } = patternStr;

    /// <summary>Whether a name fits.</summary>
    internal bool Fits(string name) => FileSystemName.MatchesSimpleExpression(PatternStr, name, ignoreCase: false);

    /// <inheritdoc/>
    public override string ToString() => PatternStr;
}

/// <summary>Down to all descendants; only at the end.</summary>
public sealed class SelectChildRecursive : SelectionPathElement
{
    /// <inheritdoc/>
    public override string ToString() => "**";
}

/// <summary>One level up.</summary>
public sealed class SelectParent : SelectionPathElement
{
    /// <inheritdoc/>
    public override string ToString() => "..";
}
