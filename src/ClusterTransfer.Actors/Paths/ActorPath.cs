using System.Buffers;

namespace ClusterTransfer.Actors;

/// <summary>Where an actor stands in the tree, such as <c>clustertransfer://system/user/a/b</c>. Equality ignores the incarnation number.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1036", Justification = "Paths are ordered for sorting only.")]
public class ActorPath : IEquatable<ActorPath>, IComparable<ActorPath>
{
    /// <summary>The scheme every path starts with.</summary>
    public const string Scheme = "clustertransfer";

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_:@&=+,.!~*';$%");

    private protected ActorPath(ActorPath? parent, string name, long uid)
    {
        Parent = parent;
        Name = name;
        Uid = uid;
    }

    /// <summary>The path one level up; null for the root.</summary>
    public ActorPath? Parent { get; }

    /// <summary>The last element; <c>/</c> for the root.</summary>
    public string Name { get; }

    /// <summary>Tells apart two actors that had the same path one after the other.</summary>
    public long Uid { get; }

    /// <summary>The top of the tree it is in.</summary>
    public RootActorPath Root
    {
        get
        {
            ActorPath path = this;
            while (path.Parent is not null) { path = path.Parent; }
            return (RootActorPath)path; // only a root has no parent
        }
    }

    /// <summary>The system it is in.</summary>
    public Address Address => Root.RootAddress;

    /// <summary>Elements below the root.</summary>
    public int Depth
    {
        get
        {
            int depth = 0;
            for (ActorPath path = this; path.Parent is not null; path = path.Parent) { depth++; }
            return depth;
        }
    }

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
    public static ActorPath operator /(ActorPath path, string name) => path.Child(name);

    /// <summary>The path of a descendant.</summary>
    public static ActorPath operator /(ActorPath path, IEnumerable<string> names) => names.Aggregate(path, (parent, name) => parent.Child(name));

    /// <summary>The friendly name of the division operator.</summary>
    public static ActorPath Divide(ActorPath left, string right) => left / right;

    /// <summary>The friendly name of the division operator.</summary>
    public static ActorPath Divide(ActorPath left, IEnumerable<string> right) => left / right;

    /// <summary>From the text form, such as <c>clustertransfer://system/user/a#12</c>.</summary>
    /// <exception cref="UriFormatException">It is not an absolute path.</exception>
    public static ActorPath Parse(string path) => TryParse(path, out ActorPath? parsed)
        ? parsed
        : throw new UriFormatException($"'{path}' is not an actor path: want protocol://system/user/... or protocol://system@host:port/user/....");

    /// <summary>From the text form; false when it is not an absolute path.</summary>
    public static bool TryParse(string? path, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ActorPath? parsed)
    {
        parsed = null;
        if (!Address.TryParse(path, out Address? address, out ReadOnlySpan<char> rest)) { return false; }
        long uid = 0;
        int hash = rest.IndexOf('#');
        if (hash >= 0)
        {
            if (!long.TryParse(rest[(hash + 1)..], System.Globalization.NumberStyles.None, null, out uid)) { return false; }
            rest = rest[..hash];
        }
        ActorPath result = new RootActorPath(address);
        string[] names = rest.ToString().Split('/', StringSplitOptions.RemoveEmptyEntries);
        foreach (string name in names)
        {
            // Names the kernel generates start with a dollar sign; the rest of the rule is the same for them.
            if (!IsValidPathElement(name[0] == '$' && name.Length > 1 ? name[1..] : name)) { return false; }
            result = result.Child(name);
        }
        parsed = result.WithUid(uid);
        return true;
    }

    /// <summary>The address at the start of a path.</summary>
    public static bool TryParseAddress(string? path, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Address? address) =>
        Address.TryParse(path, out address, out _);

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

    /// <summary>The path with the address of its system.</summary>
    public string ToStringWithAddress() => ToStringWithAddress(Address);

    /// <summary>The path with that address, unless it has a host of its own already.</summary>
    public string ToStringWithAddress(Address address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return $"{(Address.HasGlobalScope ? Address : address)}{ToStringWithoutAddress()}";
    }

    /// <summary>The path with address and incarnation number; <see cref="Parse"/> reads it back.</summary>
    public string ToSerializationFormat() => Uid == 0 ? ToStringWithAddress() : $"{ToStringWithAddress()}#{Uid}";

    /// <inheritdoc/>
    public override string ToString() => ToStringWithAddress();

    /// <summary>The same path of another incarnation.</summary>
    public ActorPath WithUid(long uid) => Parent is null || uid == Uid ? this : Parent.Child(Name, uid);

    /// <summary>The path of a child.</summary>
    public ActorPath Child(string childName) => Child(childName, 0);

    /// <inheritdoc/>
    public bool Equals(ActorPath? other)
    {
        ActorPath? mine = this;
        while (mine is not null && other is not null)
        {
            if (ReferenceEquals(mine, other)) { return true; }
            if (mine is RootActorPath root) { return other is RootActorPath otherRoot && root.RootAddress == otherRoot.RootAddress; }
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

    /// <inheritdoc/>
    public int CompareTo(ActorPath? other) => other is null ? 1 : string.CompareOrdinal(ToString(), other.ToString());

    internal ActorPath Child(string name, long uid) => new(this, name, uid);
}
