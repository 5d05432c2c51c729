using System.Text;
using ClusterTransfer.Hocon.Syntax;

namespace ClusterTransfer.Hocon.Resolving;

/// <summary>Joins the parts of one concatenation: all simple (a string), all arrays, or all objects.</summary>
internal sealed class Concatenation(HoconOrigin origin, Resolver resolver)
{
    private readonly List<HoconValue> _values = [];
    private readonly StringBuilder _text = new();
    private string _space = string.Empty;
    private bool _started;
    private bool _broken;

    /// <summary>White space between two parts; it counts only between simple ones.</summary>
    public void AddSpace(string text) => _space += text;

    /// <summary>The next part; null for an optional substitution of nothing.</summary>
    public void Add(HoconValue? value, RawValue raw)
    {
        _broken |= Resolver.IsBroken(value);
        if (_broken)
        {
            return;
        }

        if (value is not null && _values.Count > 0 && KindOf(value) != KindOf(_values[^1]) && !Align(ref value))
        {
            throw new HoconException($"Cannot join {value.KindName} to {_values[^1].KindName}; is a comma or a new line missing?", raw.Origin);
        }

        if (value is null or HoconScalar)
        {
            // Between two parts the space stays even where an optional part is nothing.
            string text = (value as HoconScalar)?.Text ?? string.Empty;
            resolver.Spend(text.Length + _space.Length, raw.Origin);
            _text.Append(_started ? _space : string.Empty).Append(text);
        }

        _space = string.Empty;
        _started = true;
        if (value is not null)
        {
            _values.Add(value);
        }
    }

    /// <summary>The joined value; null when every part was nothing.</summary>
    public HoconValue? Finish()
    {
        if (_broken)
        {
            return Resolver.Broken;
        }

        if (_values.Count == 0)
        {
            // The space between two parts of nothing is a string of its own.
            return _text.Length == 0 ? null : new HoconScalar(_text.ToString(), isQuoted: true, origin);
        }

        if (_values.Count == 1 && (_values[0] is not HoconScalar single || single.Text.Length == _text.Length))
        {
            return _values[0];
        }

        switch (_values[0])
        {
            case HoconArray:
                var items = new List<HoconValue>();
                foreach (HoconArray array in _values.Cast<HoconArray>())
                {
                    resolver.Spend(array.Items.Count, origin);
                    items.AddRange(array.Items);
                }

                return new HoconArray(items, origin);
            case HoconObject:
                return Merged();
            default:
                return new HoconScalar(_text.ToString(), isQuoted: true, origin);
        }
    }

    private HoconObject Merged() => _values.Cast<HoconObject>().Aggregate((lower, upper) => resolver.Merge(upper, lower));

    // Next to an array an object with numbers as keys is one too.
    private bool Align(ref HoconValue value)
    {
        switch (_values[^1], value)
        {
            case (HoconArray, HoconObject indexed) when HoconConvert.Indexed(indexed) is { } items:
                resolver.Spend(indexed.Fields.Count, indexed.Origin);
                value = items;
                return true;
            case (HoconObject, HoconArray) when HoconConvert.Indexed(Merged()) is { } before:
                resolver.Spend(before.Items.Count, before.Origin);
                _values.Clear();
                _values.Add(before);
                return true;
            default:
                return false;
        }
    }

    private static int KindOf(HoconValue value) => value switch
    {
        HoconScalar => 0,
        HoconArray => 1,
        _ => 2,
    };
}
