namespace ClusterTransfer.Hocon.Syntax;

/// <summary>Where in the tree the parser stands. Items of an array have no path, so beneath one the path starts anew at its object, the scope.</summary>
/// <param name="Scope">The innermost object that is an item of an array; null when the path starts at the root.</param>
/// <param name="Path">Keys from the scope or root to here.</param>
/// <param name="Depth">Levels of objects, arrays and path keys, for the bound.</param>
/// <param name="IsItem">Whether this is an item of an array, so that an object here becomes a scope.</param>
internal readonly record struct ParsePlace(RawObject? Scope, IReadOnlyList<string> Path, int Depth, bool IsItem = false)
{
    public static readonly ParsePlace Root = new(null, [], 0);

    public ParsePlace At(IReadOnlyList<string> key) => new(Scope, [.. Path, .. key], Depth + key.Count);

    public ParsePlace Item() => new(null, [], Depth + 1, IsItem: true);

    public ParsePlace Within(RawObject item) => IsItem ? new(item, [], Depth) : this;
}
