namespace ClusterTransfer.Actors;

/// <summary>Where an actor system is: protocol, name, and for a system of another process host and port.</summary>
public sealed record Address
{
    /// <summary>The address of a reference that belongs to no system.</summary>
    public static readonly Address AllSystems = new(ActorPath.Scheme, "all-systems");

    /// <summary>An address from its parts.</summary>
    public Address(string protocol, string system, string? host = null, int? port = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(protocol);
        ArgumentException.ThrowIfNullOrEmpty(system);
        Protocol = protocol;
        System = system;
        Host = host;
        Port = port;
    }

    /// <summary>Scheme of the paths, such as <c>clustertransfer</c>.</summary>
    public string Protocol { get; private init; }

    /// <summary>Name of the system.</summary>
    public string System { get; private init; }

    /// <summary>Host name or IP address; null for a local address.</summary>
    public string? Host { get; private init; }

    /// <summary>Port; null for a local address.</summary>
    public int? Port { get; private init; }

    /// <summary>Whether it means a system of this process.</summary>
    public bool HasLocalScope => string.IsNullOrEmpty(Host);

    /// <summary>Whether it can be reached from elsewhere.</summary>
    public bool HasGlobalScope => !HasLocalScope;

    /// <summary>The same at another host.</summary>
    public Address WithHost(string? host = null) => this with { Host = host };

    /// <summary>The same at another port.</summary>
    public Address WithPort(int? port = null) => this with { Port = port };

    /// <summary>The same of another system.</summary>
    public Address WithSystem(string system) => this with { System = system };

    /// <summary>The same over another protocol.</summary>
    public Address WithProtocol(string protocol) => this with { Protocol = protocol };

    /// <summary>Without the protocol: <c>system</c> or <c>system@host:port</c>.</summary>
    public string HostPort() => HasLocalScope ? System : Port is { } port ? $"{System}@{Host}:{port}" : $"{System}@{Host}";

    /// <summary>From the text form.</summary>
    /// <exception cref="UriFormatException">It is not an address.</exception>
    public static Address Parse(string address) => TryParse(address, out Address? parsed)
        ? parsed
        : throw new UriFormatException($"'{address}' is not an address: want protocol://system or protocol://system@host:port.");

    /// <summary>From the text form; false when it is not an address. A path behind it is not accepted.</summary>
    public static bool TryParse(string? address, [global::System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Address? parsed) =>
        TryParse(address, out parsed, out ReadOnlySpan<char> rest) && rest.IsEmpty;

    /// <summary>Reads the address at the start of a text; the rest is empty or starts with a slash.</summary>
    internal static bool TryParse(string? text, [global::System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Address? parsed, out ReadOnlySpan<char> rest)
    {
        parsed = null;
        rest = default;
        int colon = text?.IndexOf("://", StringComparison.Ordinal) ?? -1;
        if (colon <= 0 || !IsProtocol(text.AsSpan(0, colon))) { return false; }
        ReadOnlySpan<char> authority = text.AsSpan(colon + 3);
        int slash = authority.IndexOf('/');
        if (slash >= 0)
        {
            rest = authority[slash..];
            authority = authority[..slash];
        }
        int at = authority.IndexOf('@');
        ReadOnlySpan<char> system = at < 0 ? authority : authority[..at];
        if (!IsSystemName(system)) { return false; }
        string protocol = text![..colon]; // not null: the colon was found
        if (at < 0)
        {
            parsed = new Address(protocol, system.ToString());
            return true;
        }
        ReadOnlySpan<char> host = authority[(at + 1)..];
        int? port = null;
        int portColon = host.LastIndexOf(':');
        if (portColon >= 0 && !host[portColon..].Contains(']')) // the colons inside the brackets of an IPv6 address are its own
        {
            if (!ushort.TryParse(host[(portColon + 1)..], global::System.Globalization.NumberStyles.None, null, out ushort number)) { return false; }
            port = number;
            host = host[..portColon];
        }
        if (host.IsEmpty) { return false; }
        parsed = new Address(protocol, system.ToString(), host.ToString(), port);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Protocol}://{HostPort()}";

    private static bool IsProtocol(ReadOnlySpan<char> text)
    {
        foreach (char character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('.' or '+' or '-')) { return false; }
        }
        return char.IsAsciiLetter(text[0]);
    }

    private static bool IsSystemName(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || !char.IsAsciiLetterOrDigit(text[0])) { return false; }
        foreach (char character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_')) { return false; }
        }
        return true;
    }
}
