using System.Buffers;

namespace ClusterTransfer.Actors;

/// <summary>Where an actor stands in the tree, such as <c>clustertransfer://system/user/a/b</c>. Equality ignores the incarnation number.</summary>
public sealed class ActorPath : IEquatable<ActorPath>
{
    /// <summary>The scheme every path starts with.</summary>
    public const string Scheme = "clustertransfer";

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_:@&=+,.!~*';$%");

    internal ActorPath(ActorPath? parent, string name, long uid)
    {
        Parent = parent;
        Name = name;
        Uid = uid;
    }

    /// <summary>The path one level up; null for the root.</summary>
    public ActorPath? Parent { get; }

    /// <summary>The last element. For the root this is the name of the system.</summary>
    public string Name { get; }

    /// <summary>Tells apart two actors that had the same path one after the other.</summary>
    public long Uid { get; }

    /// <summary>The elements from the top, root excluded.</summary>
    public IReadOnlyList<string> Elements
    {
        get
        {
            var elements = new List<string>();
            for (ActorPath path = this; path.Parent is not null; path = path.Parent) { elements.Add(path.Name); }
            elements.Reverse();
            return elements;
        }
    }

    /// <summary>The path of a child. The name is not checked here; <c>ActorOf</c> does that.</summary>
    public static ActorPath operator /(ActorPath path, string name) => path.Child(name, 0);

    /// <summary>The friendly name of the division operator.</summary>
    public static ActorPath Divide(ActorPath left, string right) => left / right;

    /// <summary>Whether a user may give an actor this name: letters, digits and <c>-_:@&amp;=+,.!~*';$</c> or <c>%hh</c>, not starting with <c>$</c>.</summary>
    public static bool IsValidPathElement(string? name)
    {
        if (string.IsNullOrEmpty(name) || name[0] == '$' || name.AsSpan().ContainsAnyExcept(NameCharacters)) { return false; }
        for (int index = 0; index < name.Length; index++)
        {
            if (name[index] != '%') { continue; }
            if (index + 2 >= name.Length || !char.IsAsciiHexDigit(name[index + 1]) || !char.IsAsciiHexDigit(name[index + 2])) { return false; }
            index += 2;
        }
        return true;
    }

    /// <summary>The path without scheme and system, such as <c>/user/a/b</c>.</summary>
    public string ToStringWithoutAddress() => Parent is null ? "/" : "/" + string.Join('/', Elements);

    /// <inheritdoc/>
    public override string ToString()
    {
        ActorPath root = this;
        while (root.Parent is not null) { root = root.Parent; }
        return $"{Scheme}://{root.Name}{ToStringWithoutAddress()}";
    }

    /// <inheritdoc/>
    public bool Equals(ActorPath? other)
    {
        ActorPath? mine = this;
        while (mine is not null && other is not null)
        {
            if (ReferenceEquals(mine, other)) { return true; }
            if (mine.Name != other.Name) { return false; }
            mine = mine.Parent;
            other = other.Parent;
        }
        return mine is null && other is null;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ActorPath path && Equals(path);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        int hash = 17;
        for (ActorPath? path = this; path is not null; path = path.Parent) { hash = (hash * 31) + path.Name.GetHashCode(StringComparison.Ordinal); }
        return hash;
    }

    internal ActorPath Child(string name, long uid) => new(this, name, uid);
}
