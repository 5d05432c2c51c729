using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClusterTransfer.Model;

/// <summary>Writes an address as text where its path is Unicode, and refuses to write one that is not: users cannot have typed it.</summary>
public sealed class TransferAddressJsonConverter : JsonConverter<TransferAddress>
{
    /// <inheritdoc/>
    public override TransferAddress Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        string text = reader.GetString() ?? string.Empty;
        return TransferAddress.TryParse(text, out TransferAddress? address, out string? problem) ? address : throw new JsonException(problem);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TransferAddress value, JsonSerializerOptions options) =>
        writer.WriteStringValue([.. System.Text.Encoding.UTF8.GetBytes(value.Location.Value), (byte)':', .. value.Path.Bytes]);
}
