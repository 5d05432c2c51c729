using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ClusterTransfer.Journal;

/// <summary>The closed list of what a journal may hold: event and snapshot types by name and version. Nothing else is ever written or read.</summary>
/// <remarks>A type may be given under several versions when its newer shape still reads the older ones; it is written under the highest.
/// The list is complete before a journal is opened with it: a later <c>Add</c> is refused.</remarks>
public sealed class JournalTypes
{
    /// <summary>Longest JSON of one event or snapshot, in characters. A larger one is a bug in the writer or damage on the disk.</summary>
    public const int MaxPayloadChars = 1024 * 1024;

    private readonly Dictionary<(string Name, int Version), Entry> _byName = [];
    private readonly Dictionary<Type, Entry> _byType = [];
    private bool _frozen;

    /// <summary>Adds a type under a stable name; the CLR name is free to change.</summary>
    /// <param name="name">Stable kebab-case name, never reused for another meaning.</param>
    /// <param name="version">Version of its shape, from 1.</param>
    /// <param name="json">Its generated JSON contract.</param>
    /// <exception cref="ArgumentException">Name and version are taken.</exception>
    public JournalTypes Add<T>(string name, int version, JsonTypeInfo<T> json)
        where T : notnull
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        ArgumentNullException.ThrowIfNull(json);
        if (_frozen)
        {
            throw new InvalidOperationException("A journal is open with this list; add types before that.");
        }

        Entry entry = new(name, version, json);
        if (!_byName.TryAdd((name, version), entry))
        {
            throw new ArgumentException($"'{name}' version {version} is registered twice.", nameof(name));
        }

        if (!_byType.TryGetValue(typeof(T), out Entry? known) || known.Version < version)
        {
            _byType[typeof(T)] = entry;
        }

        return this;
    }

    internal void Freeze() => _frozen = true;

    /// <exception cref="ArgumentException">The type is not registered, or its JSON is too long: a bug of the caller.</exception>
    internal StoredPayload Encode(object payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        if (!_byType.TryGetValue(payload.GetType(), out Entry? entry))
        {
            throw new ArgumentException($"{payload.GetType().FullName} is not registered in {nameof(JournalTypes)}.", nameof(payload));
        }

        string json = JsonSerializer.Serialize(payload, entry.Json);
        return json.Length <= MaxPayloadChars
            ? new StoredPayload(entry.Name, entry.Version, json)
            : throw new ArgumentException($"'{entry.Name}' has {json.Length} characters of JSON, more than {MaxPayloadChars}.", nameof(payload));
    }

    /// <exception cref="JournalFormatException">Name and version are unknown, or the JSON does not fit them.</exception>
    internal object Decode(string stream, long sequence, StoredPayload stored)
    {
        if (!_byName.TryGetValue((stored.Name, stored.Version), out Entry? entry))
        {
            throw new JournalFormatException(
                stream, sequence, Model.Reason.VersionMismatch, $"holds '{stored.Name}' version {stored.Version}, which this version does not know");
        }

        try
        {
            return JsonSerializer.Deserialize(stored.Json, entry.Json)
                ?? throw new JournalFormatException(stream, sequence, Model.Reason.DiskError, $"holds null for '{stored.Name}'");
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or FormatException or TimeoutException)
        {
            throw new JournalFormatException(stream, sequence, Model.Reason.DiskError, $"does not read as '{stored.Name}' version {stored.Version}", error);
        }
    }

    private sealed record Entry(string Name, int Version, JsonTypeInfo Json);
}

/// <summary>A payload as a row holds it.</summary>
internal readonly record struct StoredPayload(string Name, int Version, string Json);
