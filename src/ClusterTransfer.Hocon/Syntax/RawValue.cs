namespace ClusterTransfer.Hocon.Syntax;

/// <summary>What was written, before substitutions are resolved.</summary>
internal abstract record RawValue(HoconOrigin Origin);

/// <summary>A simple value: one unquoted word or one quoted string.</summary>
internal sealed record RawScalar(HoconOrigin Origin, string Text, bool IsQuoted) : RawValue(Origin);

/// <summary>Whitespace between two parts of a concatenation: kept between simple values, dropped between objects and arrays.</summary>
internal sealed record RawSpace(HoconOrigin Origin, string Text) : RawValue(Origin);

/// <summary>Values side by side on one line.</summary>
internal sealed record RawConcatenation(HoconOrigin Origin, IReadOnlyList<RawValue> Parts) : RawValue(Origin);

/// <summary>An array.</summary>
internal sealed record RawArray(HoconOrigin Origin, IReadOnlyList<RawValue> Items) : RawValue(Origin);

/// <summary><c>${path}</c> or <c>${?path}</c>. Scope and prefix are where the file it is written in was included: the path is tried there first, then as written.</summary>
/// <remarks>Two of them are never equal: what one leads to is kept for this place in the text alone.</remarks>
internal sealed record RawSubstitution(HoconOrigin Origin, IReadOnlyList<string> Path, bool IsOptional, RawObject? Scope, IReadOnlyList<string> Prefix) : RawValue(Origin)
{
    public bool Equals(RawSubstitution? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}

/// <summary><c>key += item</c>: the previous value of the same key with one more item. The place is that of the key: the value may also lie in an older value of an object around it.</summary>
internal sealed record RawAppend(HoconOrigin Origin, RawValue Item, ParsePlace Place) : RawValue(Origin);

/// <summary>An object: each key has the values it was given, in order. Filled by the parser, read-only afterwards.</summary>
internal sealed record RawObject(HoconOrigin Origin) : RawValue(Origin)
{
    public OrderedDictionary<string, RawField> Fields { get; } = new(StringComparer.Ordinal);

    /// <summary>Gives a key another value. Objects merge at once where they meet, so that look-back stays within one key.</summary>
    public void Assign(string key, RawValue value)
    {
        if (!Fields.TryGetValue(key, out RawField? field))
        {
            Fields[key] = field = new RawField(key);
        }

        if (value is RawObject added && field.Values.Count > 0 && field.Values[^1] is RawObject existing)
        {
            existing.Merge(added);
        }
        else
        {
            field.Values.Add(value);
        }
    }

    /// <summary>Assigns all that the other object holds.</summary>
    public void Merge(RawObject other)
    {
        foreach ((string key, RawField field) in other.Fields)
        {
            foreach (RawValue value in field.Values)
            {
                Assign(key, value);
            }
        }
    }
}

/// <summary>A key of an object with every value it was given, oldest first.</summary>
internal sealed class RawField(string key)
{
    public string Key { get; } = key;

    public List<RawValue> Values { get; } = [];
}
