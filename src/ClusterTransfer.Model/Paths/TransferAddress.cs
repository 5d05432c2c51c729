using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace ClusterTransfer.Model;

/// <summary>Where something is: a location and a path beneath it, written <c>location:relative/path</c>.</summary>
[JsonConverter(typeof(TransferAddressJsonConverter))]
public sealed record TransferAddress(LocationName Location, SafeRelativePath Path)
{
    /// <summary>Reads <c>location:relative/path</c>.</summary>
    /// <param name="text">What the user typed.</param>
    /// <param name="address">The address when the result is true.</param>
    /// <param name="problem">What is wrong and how to mend it otherwise.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out TransferAddress? address, [NotNullWhen(false)] out string? problem)
    {
        address = null;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            problem = $"'{PathText.Escape(text)}' has no location: write location:path, for example data:{PathText.Escape(text.TrimStart('/'))}.";
            return false;
        }

        if (!LocationName.TryParse(text[..colon], null, out LocationName location))
        {
            problem = $"'{PathText.Escape(text[..colon])}' is not a location name: want 2 to 63 of a-z, 0-9 and '-'.";
            return false;
        }

        if (!SafeRelativePath.TryParse(text[(colon + 1)..], out SafeRelativePath? path, out string? pathProblem))
        {
            problem = $"'{PathText.Escape(text)}' is refused: {pathProblem}.";
            return false;
        }

        address = new TransferAddress(location, path);
        problem = null;
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Location}:{Path}";
}
