using System.Text.Encodings.Web;
using System.Text.Json;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Settings;
using ClusterTransfer.Cli.Terminal;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Contexts;

/// <summary>Changes the contexts file as a careful person would: what is not meant stays as it was written, comments included.</summary>
/// <remarks>Each change is made in the text, then the text is read again. When it does not say exactly what it should, it is not written, and the user is told what to write.</remarks>
internal sealed class ContextsEditor : IDisposable
{
    private const string Header = "# Contexts of ct: which node, which token, and how flags are when nobody says them. 'ct config get client' lists the keys.\n";
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(20);

    private readonly CliHost _host;
    private readonly string _path;
    private readonly IDisposable _lock;
    private string _text;

    private ContextsEditor(CliHost host, string path, IDisposable held)
    {
        _host = host;
        _path = path;
        _lock = held;
        File = ContextsFile.Load(path, name => host.Variable(name));   // first: it refuses what is too long
        _text = System.IO.File.Exists(path) ? System.IO.File.ReadAllText(path) : Header;
    }

    /// <summary>What the file says now.</summary>
    public ContextsFile File { get; private set; }

    /// <summary>Opens the file for a change; other runs of <c>ct</c> wait until it is disposed.</summary>
    /// <exception cref="CliException">It cannot be read, or another run keeps it.</exception>
    public static async Task<ContextsEditor> OpenAsync(CliHost host, CancellationToken cancellationToken)
    {
        string path = ContextsFolder.Require(host).File;
        long start = host.Time.GetTimestamp();
        while (true)
        {
            if (PrivateFile.TryLock(path) is { } held)
            {
                try
                {
                    return PrivateFile.Guard(path, () => new ContextsEditor(host, path, held));
                }
                catch
                {
                    held.Dispose();
                    throw;
                }
            }

            if (host.Time.GetElapsedTime(start) >= LockPatience)
            {
                throw new CliException(Reason.LimitReached, $"Another ct is changing {PathText.Escape(path)}.", "Try again when it is done.");
            }

            await Task.Delay(LockPause, host.Time, cancellationToken);
        }
    }

    /// <summary>Makes a context the current one.</summary>
    /// <exception cref="CliException">The file is written in a way that cannot be changed safely.</exception>
    public void Use(string name)
    {
        ContextsFile wanted = File with { Current = Value(name) };
        string line = $"{ContextsReader.CurrentKey} = {Quote(name)}";
        Apply(wanted, line, [Set(ContextsReader.CurrentKey, name), _text.Insert(EndOfHeader(), line + "\n")]);
    }

    /// <summary>Sets keys of a context and makes it when there is none; null takes a key away.</summary>
    /// <exception cref="CliException">The file is written in a way that cannot be changed safely.</exception>
    public void Set(string name, params IReadOnlyList<(Setting Setting, string? Text)> values)
    {
        if (!File.Contexts.ContainsKey(name))
        {
            string lines = string.Concat(values.Where(value => value.Text is not null).Select(value => $"  {value.Setting.ContextKey} = {Quote(value.Text!)}\n"));
            string block = $"{ContextsReader.ContextsKey}.{name} {{\n{lines}}}\n";
            Apply(Wanted(name, values), block, [Append(block)]);
            return;
        }

        foreach ((Setting setting, string? text) in values)
        {
            if (File.Contexts[name].Values.GetValueOrDefault(setting.ContextKey)?.Text != text)
            {
                string key = $"{ContextsReader.ContextsKey}.{name}.{setting.ContextKey}";
                string line = text is null ? $"{key} = null" : $"{key} = {Quote(text)}";
                Apply(Wanted(name, [(setting, text)]), line, [text is null ? Without(key) : Set(key, text), Append(line + "\n")]);
            }
        }
    }

    /// <summary>Takes a context away, and is no longer in it when it was the current one.</summary>
    /// <exception cref="CliException">The file is written in a way that cannot be changed safely.</exception>
    public void Remove(string name)
    {
        bool wasCurrent = File.Current?.Text == name;
        ContextsFile wanted = File with { Contexts = File.Contexts.Where(pair => pair.Key != name).ToDictionary(), Current = wasCurrent ? null : File.Current };
        string text = Without($"{ContextsReader.ContextsKey}.{name}");
        Apply(wanted, $"nothing of {ContextsReader.ContextsKey}.{name}", [wasCurrent ? Without(ContextsReader.CurrentKey, text) : text]);
    }

    /// <summary>Writes the file.</summary>
    /// <exception cref="CliException">It cannot be written; it is as it was.</exception>
    public void Save() => PrivateFile.Replace(_path, _text);

    public void Dispose() => _lock.Dispose();

    private ContextsFile Wanted(string name, IReadOnlyList<(Setting Setting, string? Text)> values)
    {
        var all = File.Contexts.ToDictionary();
        var own = new Dictionary<string, ContextValue>(all.TryGetValue(name, out ContextEntry? before) ? before.Values : new Dictionary<string, ContextValue>());
        foreach ((Setting setting, string? text) in values)
        {
            own.Remove(setting.ContextKey);
            if (text is not null)
            {
                own[setting.ContextKey] = Value(text);
            }
        }

        all[name] = new ContextEntry(name, own);
        return File with { Contexts = all };
    }

    // The first candidate that says what is wanted.
    private void Apply(ContextsFile wanted, string byHand, IReadOnlyList<string> candidates)
    {
        foreach (string candidate in candidates)
        {
            try
            {
                ContextsFile read = ContextsReader.Read(_path, ContextsReader.Parse(candidate, _path, name => _host.Variable(name)));
                if (IsSame(read, wanted))
                {
                    (_text, File) = (candidate, read);
                    return;
                }
            }
            catch (CliException)
            {
                // Then this candidate broke the file; the next one may not.
            }
        }

        throw new CliException(
            Reason.InvalidRequest,
            $"{PathText.Escape(_path)} is written in a way that ct cannot change without risk.",
            $"Change it by hand, so that it says: {PathText.Escape(byHand.TrimEnd('\n').Replace("\n", ", ", StringComparison.Ordinal))}");
    }

    // Behind the comments that the file begins with.
    private int EndOfHeader()
    {
        int at = 0;
        while (at < _text.Length && _text[at] == '#' && _text.IndexOf('\n', at) is >= 0 and int end)
        {
            at = end + 1;
        }

        return at;
    }

    private string Set(string key, string value)
    {
        ContextsOutline.Entry[] entries = [.. ContextsOutline.Of(_text).Where(entry => entry.Path == key)];
        return entries.Length == 0 ? _text : string.Concat(_text.AsSpan(0, entries[^1].ValueStart), Quote(value), _text.AsSpan(entries[^1].End));
    }

    private string Append(string lines) => (_text.Length == 0 || _text.EndsWith('\n') ? _text : _text + "\n") + lines;

    private string Without(string key) => Without(key, _text);

    private static string Without(string key, string text)
    {
        ContextsOutline.Entry[] all = [.. ContextsOutline.Of(text).Where(entry => entry.Path == key || entry.Path.StartsWith(key + ".", StringComparison.Ordinal))];
        foreach (ContextsOutline.Entry entry in all.OrderByDescending(entry => entry.Start))
        {
            // What is inside another one goes with it.
            if (!all.Any(outer => outer.Start < entry.Start && outer.End >= entry.End))
            {
                text = Cut(text, entry);
            }
        }

        return text;
    }

    // With the line, when nothing else is on it.
    private static string Cut(string text, ContextsOutline.Entry entry)
    {
        int start = entry.Start, end = Math.Min(entry.End, text.Length);
        int line = text.LastIndexOf('\n', Math.Max(0, start - 1)) + 1;
        int next = text.IndexOf('\n', end);
        bool alone = string.IsNullOrWhiteSpace(text[line..start]) && string.IsNullOrWhiteSpace(text[end..(next < 0 ? text.Length : next)]);
        return alone ? text[..line] + (next < 0 ? string.Empty : text[(next + 1)..]) : text[..start] + text[end..].TrimStart(',');
    }

    private ContextValue Value(string text) => new(text, string.Empty, Path.GetDirectoryName(_path)!);

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    private static bool IsSame(ContextsFile one, ContextsFile other) =>
        one.Current?.Text == other.Current?.Text && IsSame(one.Shared, other.Shared)
        && one.Contexts.Count == other.Contexts.Count
        && one.Contexts.All(pair => other.Contexts.TryGetValue(pair.Key, out ContextEntry? entry) && IsSame(pair.Value.Values, entry.Values));

    private static bool IsSame(IReadOnlyDictionary<string, ContextValue> one, IReadOnlyDictionary<string, ContextValue> other) =>
        one.Count == other.Count && one.All(pair => other.TryGetValue(pair.Key, out ContextValue? value) && value.Text == pair.Value.Text);
}
