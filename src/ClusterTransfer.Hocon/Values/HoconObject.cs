using ClusterTransfer.Hocon.Syntax;

namespace ClusterTransfer.Hocon;

/// <summary>Named values in the order they were first written. Accessors take paths such as <c>hub.listen</c> or <c>locations."a.b".folder</c>.</summary>
/// <remarks>Accessors named <c>Get...</c> throw a <see cref="HoconException"/> that names key, value and origin when the value is missing or of the wrong kind.</remarks>
public sealed partial class HoconObject : HoconValue
{
    private readonly OrderedDictionary<string, HoconValue> _fields;

    // Keys whose object stands over something that is no object: what lies further below was lost there and must not show through again.
    private readonly HashSet<string>? _hiding;

    /// <summary>Makes an object; the collections are owned by it from now on.</summary>
    internal HoconObject(OrderedDictionary<string, HoconValue> fields, HoconOrigin origin, HashSet<string>? hiding = null)
        : base(origin, 1 + MaxDepth(fields))
    {
        _fields = fields;
        _hiding = hiding is { Count: > 0 } ? hiding : null;
    }

    /// <summary>The values by key, not by path.</summary>
    public IReadOnlyDictionary<string, HoconValue> Fields => _fields;

    /// <inheritdoc/>
    public override string KindName => "an object";

    /// <summary>Finds the value at a path; false when there is none. A <c>null</c> that was written is found.</summary>
    public bool TryGet(string path, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out HoconValue? value) =>
        TryGet(PathExpression.Parse(path), out value);

    /// <summary>An object of nothing.</summary>
    public static HoconObject Empty(HoconOrigin origin) => new(new OrderedDictionary<string, HoconValue>(StringComparer.Ordinal), origin);

    /// <summary>A copy with another value at a path; what stands in its way and is no object is replaced.</summary>
    public HoconObject With(string path, HoconValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return With(PathExpression.Parse(path), 0, value);
    }

    /// <summary>This object over another one: what is missing here is taken from there, objects are merged, as if both were written one after the other.</summary>
    /// <remarks>A value that is no object hides what is beneath it for good: merging three objects gives the same in whichever order the pairs are merged.</remarks>
    public HoconObject WithFallback(HoconObject fallback)
    {
        ArgumentNullException.ThrowIfNull(fallback);
        var fields = new OrderedDictionary<string, HoconValue>(_fields, StringComparer.Ordinal);
        HashSet<string> hiding = _hiding is null ? [] : [.. _hiding];
        foreach ((string key, HoconValue below) in fallback._fields)
        {
            if (!fields.TryGetValue(key, out HoconValue? above))
            {
                fields[key] = below;
                Hide(fallback.Hides(key));
            }
            else if (above is HoconObject upper && !hiding.Contains(key))
            {
                fields[key] = below is HoconObject lower ? upper.WithFallback(lower) : upper;
                Hide(below is not HoconObject || fallback.Hides(key));
            }

            void Hide(bool hides)
            {
                if (hides)
                {
                    hiding.Add(key);
                }
            }
        }

        return new HoconObject(fields, Origin, hiding);
    }

    /// <inheritdoc/>
    public override string ToString() => $"an object of {_fields.Count}";

    private HoconObject With(IReadOnlyList<string> path, int index, HoconValue value)
    {
        var fields = new OrderedDictionary<string, HoconValue>(_fields, StringComparer.Ordinal);
        string key = path[index];
        fields[key] = index == path.Count - 1
            ? value
            : (fields.GetValueOrDefault(key) as HoconObject ?? Empty(Origin)).With(path, index + 1, value);
        return new HoconObject(fields, Origin, _hiding is null ? null : [.. _hiding.Where(name => name != key)]);
    }

    private static int MaxDepth(OrderedDictionary<string, HoconValue> fields)
    {
        int depth = 0;
        foreach ((_, HoconValue value) in fields)
        {
            depth = Math.Max(depth, value.Depth);
        }

        return depth;
    }

    internal bool Hides(string key) => _hiding?.Contains(key) ?? false;

    internal bool TryGet(IReadOnlyList<string> path, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out HoconValue? value)
    {
        value = this;
        foreach (string element in path)
        {
            if (value is not HoconObject node || !node._fields.TryGetValue(element, out value))
            {
                value = null;
                return false;
            }
        }

        return true;
    }
}
