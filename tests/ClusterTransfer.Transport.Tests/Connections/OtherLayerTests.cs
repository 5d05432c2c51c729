using ClusterTransfer.Transport.Records;

namespace ClusterTransfer.Transport.Tests.Connections;

/// <summary>The same over standard records of TLS.</summary>
public sealed class DataConnectionOverTlsTests : DataConnectionTests
{
    protected override RecordLayer Layer => RecordLayer.Tls;
}

/// <summary>The same over standard records of TLS.</summary>
public sealed class ConnectionEndOverTlsTests : ConnectionEndTests
{
    protected override RecordLayer Layer => RecordLayer.Tls;
}

/// <summary>The same over a bare socket, as measurements use it.</summary>
public sealed class DataConnectionOverPlainTests : DataConnectionTests
{
    protected override RecordLayer Layer => RecordLayer.Plain;
}
