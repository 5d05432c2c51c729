using System.Net;
using ClusterTransfer.Model;

namespace ClusterTransfer.Transport.Connections;

/// <summary>Reads <c>host:port</c>, <c>1.2.3.4:port</c> and <c>[::1]:port</c>.</summary>
internal static class HostPort
{
    /// <exception cref="ClusterTransferException">With <see cref="Reason.InvalidRequest"/>.</exception>
    public static DnsEndPoint Parse(string text)
    {
        int colon = text.LastIndexOf(':');
        string host = colon > 0 ? text[..colon] : string.Empty;
        bool bracketed = host.Length > 2 && host[0] == '[' && host[^1] == ']';
        if (bracketed)
        {
            host = host[1..^1];
        }

        bool valid = ushort.TryParse(text.AsSpan(colon + 1), System.Globalization.NumberStyles.None, null, out ushort port) && port > 0
            && Uri.CheckHostName(host) is var kind && (bracketed ? kind == UriHostNameType.IPv6 : kind is UriHostNameType.Dns or UriHostNameType.IPv4);
        return valid ? new DnsEndPoint(host, port) : throw new ClusterTransferException(Reason.InvalidRequest,
            $"'{ShownText.Of(text)}' is no data address: want host:port or [address]:port.");
    }
}
