using ClusterTransfer.Hocon.Syntax;

namespace ClusterTransfer.Hocon.Resolving;

/// <summary>Turns raw values into final ones: follows substitutions, merges objects, joins concatenations.</summary>
/// <remarks>A key has a list of values, oldest first; the last wins, objects are merged downwards. While one of them is being resolved it is
/// "open". A substitution that comes back to an open value sees only the older values of that key (look-back); when there are none, or it stands
/// inside an object or array and asks for the whole of it, it is a cycle. All recursion is bounded by the parser's depth and by
/// <see cref="MaxChain"/>, all work by <see cref="HoconParserOptions.MaxResolveSteps"/>.</remarks>
internal sealed class Resolver
{
    /// <summary>Stands for a value that could not be found, so that one missing value is one problem. Never leaves the resolver.</summary>
    public static readonly HoconValue Broken = new HoconScalar(string.Empty, isQuoted: true, default);

    // Substitutions that lead to substitutions, beside the nesting of the text; far above any real file, far below the stack.
    private const int MaxChain = 50;

    // Problems are gathered up to here; a text with more needs another look anyway.
    private const int MaxProblems = 20;

    private readonly RawObject _root;
    private readonly HoconParserOptions _options;
    private readonly List<HoconException> _problems = [];

    // What each substitution of the text led to, by itself and by what was asked for beneath it: once found it stays, as the specification has it,
    // so that two keys which ask for each other agree.
    private readonly Dictionary<(RawSubstitution Substitution, string Beneath), HoconValue?> _followed = [];

    // Keys whose object lies over something that is no object.
    private readonly HashSet<RawField> _hiding = new(ReferenceEqualityComparer.Instance);

    private readonly Dictionary<RawField, List<int>> _open = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<RawField, HoconValue?> _done = new(ReferenceEqualityComparer.Instance);
    private int _level;
    private int _substitutions;
    private int _steps;

    // Look-backs so far: a result that took one depends on what was open, so it is not kept for others.
    private int _lookBacks;

    private Resolver(RawObject root, HoconParserOptions options)
    {
        _root = root;
        _options = options;
    }

    /// <summary>Resolves a whole text.</summary>
    /// <exception cref="HoconException">A substitution has no value, parts do not fit together, or a bound is exceeded.</exception>
    public static HoconValue Resolve(RawValue root, HoconParserOptions options)
    {
        // An array at the root has no keys that a substitution could name.
        var resolver = new Resolver(root as RawObject ?? new RawObject(root.Origin), options);
        HoconValue? value = null;
        try
        {
            value = resolver.Resolve(root, new RawField(string.Empty), index: 0);
        }
        catch (HoconException) when (resolver._problems.Count > 0)
        {
            // It may well be a consequence of what was found before.
        }

        return resolver._problems.Count switch
        {
            0 => value!,   // an object and an array are never nothing
            1 => throw resolver._problems[0],
            _ => throw new HoconException(resolver._problems[0], resolver._problems[1..]),
        };
    }

    internal static bool IsBroken(HoconValue? value) => ReferenceEquals(value, Broken);

    private HoconObject ResolveObject(RawObject raw)
    {
        Enter(raw.Origin);
        Spend(raw.Fields.Count, raw.Origin);
        var fields = new OrderedDictionary<string, HoconValue>(raw.Fields.Count, StringComparer.Ordinal);
        HashSet<string>? hiding = null;
        foreach ((string key, RawField field) in raw.Fields)
        {
            if (ResolveField(field, field.Values.Count) is { } value)
            {
                fields[key] = value;
                if (_hiding.Contains(field))
                {
                    (hiding ??= []).Add(key);
                }
            }
        }

        Leave();
        return Checked(new HoconObject(fields, raw.Origin, hiding));
    }

    // The value of a key from its first values; null when it has none because every one was an optional substitution of nothing.
    private HoconValue? ResolveField(RawField field, int count)
    {
        bool whole = count == field.Values.Count;
        if (whole && _done.TryGetValue(field, out HoconValue? known))
        {
            return known;
        }

        int lookBacks = _lookBacks;
        HoconValue? result = null;
        for (int i = count - 1; i >= 0; i--)
        {
            Spend(1, field.Values[i].Origin);
            if (!Stack(ref result, Open(field, i, value => Resolve(value, field, i))))
            {
                if (whole && result is HoconObject)
                {
                    _hiding.Add(field);
                }

                break;
            }
        }

        if (whole && lookBacks == _lookBacks)
        {
            _done[field] = result;
        }

        return result;
    }

    // Puts a value beneath what was gathered so far; false when nothing older can show through.
    private bool Stack(ref HoconValue? gathered, HoconValue? below)
    {
        if (below is null)
        {
            return true;
        }

        if (gathered is null)
        {
            gathered = below;
        }
        else if (below is HoconObject lower)
        {
            gathered = Merge((HoconObject)gathered, lower);
        }

        return below is HoconObject;
    }

    private HoconValue? Resolve(RawValue raw, RawField field, int index) => raw switch
    {
        RawScalar scalar => new HoconScalar(scalar.Text, scalar.IsQuoted, scalar.Origin),
        RawObject value => ResolveObject(value),
        RawArray array => ResolveArray(array, field, index),
        RawSubstitution substitution => ResolveSubstitution(substitution, rest: []),
        RawConcatenation concatenation => ResolveConcatenation(concatenation, field, index),
        RawAppend append => ResolveAppend(append, field, index),
        _ => throw new InvalidOperationException($"{raw.GetType().Name} stands alone only inside a concatenation."),
    };

    private HoconArray ResolveArray(RawArray raw, RawField field, int index)
    {
        Enter(raw.Origin);
        var items = new List<HoconValue>(raw.Items.Count);
        foreach (RawValue item in raw.Items)
        {
            Spend(1, item.Origin);
            if (Resolve(item, field, index) is { } value)
            {
                items.Add(value);
            }
        }

        Leave();
        return Checked(new HoconArray(items, raw.Origin));
    }

    private HoconArray ResolveAppend(RawAppend raw, RawField field, int index)
    {
        Enter(raw.Origin);

        // A run of them is taken at once: one inside the other would cost stack for each and copy the list each time.
        int first = index;
        while (first > 0 && field.Values[first - 1] is RawAppend)
        {
            first--;
        }

        var items = new List<HoconValue>();
        HoconValue? previous = ResolveField(field, first);
        if (previous is null or HoconObject)
        {
            // Nothing, or a part only: the rest may come with what an object around it was before, as in "x = ${base}, x.list += 1".
            previous = Open(field, first, _ => Find(raw.Place.Scope ?? _root, [.. raw.Place.Path]));
        }

        switch (previous)
        {
            case HoconArray array:
                Spend(array.Items.Count, raw.Origin);
                items.AddRange(array.Items);
                break;
            case HoconObject indexed when HoconConvert.Indexed(indexed) is { } array:
                Spend(indexed.Fields.Count, raw.Origin);
                items.AddRange(array.Items);
                break;
            case HoconValue other when !IsBroken(other):
                throw new HoconException($"'+=' wants '{field.Key}' to be an array; it is {other} ({other.Origin}).", raw.Origin);
        }

        for (int i = first; i <= index; i++)
        {
            var append = (RawAppend)field.Values[i];
            Spend(1, append.Origin);
            if (Open(field, i, _ => Resolve(append.Item, field, i)) is { } item)
            {
                items.Add(item);
            }
        }

        Leave();
        return Checked(new HoconArray(items, raw.Origin));
    }

    private HoconValue? ResolveConcatenation(RawConcatenation raw, RawField field, int index)
    {
        Spend(raw.Parts.Count, raw.Origin);
        var joiner = new Concatenation(raw.Origin, this);
        foreach (RawValue part in raw.Parts)
        {
            if (part is RawSpace space)
            {
                joiner.AddSpace(space.Text);
            }
            else
            {
                joiner.Add(Resolve(part, field, index), part);
            }
        }

        return joiner.Finish() is { } value ? Checked(value) : null;
    }

    // The value of the substitution's path, or of what `rest` names beneath it.
    private HoconValue? ResolveSubstitution(RawSubstitution raw, string[] rest)
    {
        if (++_substitutions > _options.MaxSubstitutions)
        {
            throw new HoconException($"More than {_options.MaxSubstitutions} substitutions are followed.", raw.Origin);
        }

        // No key holds a lone surrogate by accident; a text that makes one by escape only confuses itself.
        (RawSubstitution, string) place = (raw, rest.Length == 0 ? string.Empty : string.Join('\uDFFF', rest));
        if (!_followed.TryGetValue(place, out HoconValue? value))
        {
            value = Follow(raw, rest);
            _followed[place] = value;
        }

        return value;
    }

    private HoconValue? Follow(RawSubstitution raw, string[] rest)
    {
        Enter(raw.Origin);
        int lookBacks = _lookBacks;
        HoconValue? value = raw.Scope is not null || raw.Prefix.Count > 0 ? Find(raw.Scope ?? _root, [.. raw.Prefix, .. raw.Path, .. rest]) : null;
        value ??= Find(_root, [.. raw.Path, .. rest]);
        Leave();
        if (value is not null)
        {
            return value;
        }

        string path = string.Join('.', raw.Path);
        if (rest.Length == 0 && _options.Environment(path) is { } text)
        {
            Spend(text.Length, raw.Origin);
            return new HoconScalar(text, isQuoted: true, new HoconOrigin($"environment variable {path}", 0, 0));
        }

        if (raw.IsOptional || rest.Length > 0)
        {
            return null;
        }

        var problem = new HoconException(
            lookBacks != _lookBacks
                ? $"The substitution ${{{path}}} is part of a cycle: it leads back to itself and there is no earlier value."
                : $"The substitution ${{{path}}} has no value: no such key, and no such environment variable.",
            raw.Origin, path);
        _problems.Add(problem);
        return _problems.Count < MaxProblems ? Broken : throw problem;
    }

    // Looks a path up without resolving more than what lies on it, so that a key may use its siblings.
    private HoconValue? Find(RawObject start, ReadOnlySpan<string> path)
    {
        if (!start.Fields.TryGetValue(path[0], out RawField? field))
        {
            return null;
        }

        if (path.Length == 1)
        {
            return ResolveField(field, LookBack(field, field.Values.Count, _ => true));
        }

        // An open object is no obstacle: only the key inside it matters. Any other open value would ask for itself.
        int count = LookBack(field, field.Values.Count, value => value is not RawObject);
        string[] rest = path[1..].ToArray();
        HoconValue? result = null;
        for (int i = count - 1; i >= 0; i--)
        {
            Spend(1, field.Values[i].Origin);
            RawValue raw = field.Values[i];
            HoconValue? found = raw is RawObject value ? Find(value, rest) : Open(field, i, _ => FindBeneath(raw, rest, field, i));
            if (!Stack(ref result, found) || raw is RawScalar or RawArray or RawAppend)
            {
                break;
            }
        }

        return result;
    }

    private HoconValue? FindBeneath(RawValue raw, string[] rest, RawField field, int index)
    {
        switch (raw)
        {
            case RawObject value:
                return Find(value, rest);
            case RawSubstitution substitution:
                return ResolveSubstitution(substitution, rest);
            case RawConcatenation concatenation:
                if (concatenation.Parts.Any(part => part is RawArray))
                {
                    return null;
                }

                HoconValue? result = null;
                Spend(concatenation.Parts.Count, raw.Origin);
                foreach (RawValue part in concatenation.Parts.Reverse())
                {
                    if (!Stack(ref result, FindBeneath(part, rest, field, index)))
                    {
                        break;
                    }
                }

                return result;
            default:
                return null;
        }
    }

    private int LookBack(RawField field, int count, Func<RawValue, bool> matters)
    {
        if (_open.TryGetValue(field, out List<int>? open))
        {
            foreach (int index in open)
            {
                if (index < count && matters(field.Values[index]))
                {
                    // What stands inside an object or array asks for the whole it is part of: that is a cycle, and older values are no way out.
                    count = field.Values[index] is RawObject or RawArray ? 0 : index;
                    _lookBacks++;
                }
            }
        }

        return count;
    }

    private HoconValue? Open(RawField field, int index, Func<RawValue, HoconValue?> action)
    {
        if (!_open.TryGetValue(field, out List<int>? open))
        {
            _open[field] = open = [];
        }

        open.Add(index);
        HoconValue? result = action(field.Values[index]);
        open.RemoveAt(open.Count - 1);
        return result;
    }

    internal HoconObject Merge(HoconObject upper, HoconObject lower)
    {
        Spend(upper.Fields.Count + lower.Fields.Count, upper.Origin);
        var fields = new OrderedDictionary<string, HoconValue>(StringComparer.Ordinal);
        var hiding = new HashSet<string>();
        foreach ((string key, HoconValue value) in lower.Fields)
        {
            fields[key] = value;
            if (lower.Hides(key))
            {
                hiding.Add(key);
            }
        }

        foreach ((string key, HoconValue value) in upper.Fields)
        {
            fields.TryGetValue(key, out HoconValue? old);
            fields[key] = value is HoconObject above && old is HoconObject below ? Merge(above, below) : value;
            if (value is HoconObject && (upper.Hides(key) || old is not (null or HoconObject)))
            {
                hiding.Add(key);
            }
        }

        return Checked(new HoconObject(fields, upper.Origin, hiding));
    }

    internal void Spend(int steps, HoconOrigin origin)
    {
        if ((_steps += steps) > _options.MaxResolveSteps)
        {
            throw new HoconException($"Resolving the text takes more than {_options.MaxResolveSteps} steps; does it multiply itself?", origin);
        }
    }

    // An exception ends the whole resolution, so only the way back that returns needs to leave.
    private void Enter(HoconOrigin origin)
    {
        if (++_level > _options.MaxDepth + MaxChain)
        {
            throw new HoconException($"Values and substitutions lead more than {_options.MaxDepth + MaxChain} deep.", origin);
        }
    }

    private void Leave() => _level--;

    private T Checked<T>(T value)
        where T : HoconValue =>
        value.Depth <= _options.MaxDepth + 1
            ? value
            : throw new HoconException($"The value is nested more than {_options.MaxDepth} deep.", value.Origin);
}
