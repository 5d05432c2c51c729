using System.Buffers.Text;
using System.Text;
using ClusterTransfer.Model;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>Where a page of what a node keeps ended: the place, and the name there. Opaque to all but the node; letters, digits, '-' and '_' only.</summary>
internal static class KeptCursor
{
    private const int MaxPlace = 64;
    private const int MaxName = 255;
    private const int MaxText = (MaxPlace + 1 + MaxName + 2) / 3 * 4;

    public static string Write(string place, byte[] name) => Base64Url.EncodeToString([.. Encoding.ASCII.GetBytes(place), 0, .. name]);

    /// <exception cref="ClusterTransferException">It is not one of these.</exception>
    public static (string Place, byte[] Name) Read(string? text)
    {
        if (text is null)
        {
            return (string.Empty, []);
        }

        byte[] bytes = new byte[MaxPlace + 1 + MaxName + 2];
        int zero = -1;
        if (text.Length > MaxText || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out int length) || (zero = bytes.AsSpan(0, length).IndexOf((byte)0)) is < 1 or > MaxPlace)
        {
            throw new ClusterTransferException(Reason.InvalidRequest, "The cursor is not one that this node gave.");
        }

        return (Encoding.ASCII.GetString(bytes, 0, zero), bytes[(zero + 1)..length]);
    }
}
