using System.Text.Json.Serialization;

namespace ClusterTransfer.Model;

/// <summary>Reads and writes an enum by name only: a number from a peer could be none of its values.</summary>
/// <typeparam name="T">The enum.</typeparam>
public sealed class EnumNameConverter<T>() : JsonStringEnumConverter<T>(namingPolicy: null, allowIntegerValues: false)
    where T : struct, Enum;
