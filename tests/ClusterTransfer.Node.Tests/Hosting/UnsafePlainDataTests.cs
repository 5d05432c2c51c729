using ClusterTransfer.Node.Configuration;
using ClusterTransfer.Node.Hosting;
using ClusterTransfer.Transport.Records;

namespace ClusterTransfer.Node.Tests.Hosting;

/// <summary>Plain data is had by the variable alone, and never against the configuration.</summary>
public sealed class UnsafePlainDataTests
{
    [Theory]
    [InlineData(RecordLayer.Sealed, null, RecordLayer.Sealed)]
    [InlineData(RecordLayer.Sealed, "", RecordLayer.Sealed)]
    [InlineData(RecordLayer.Sealed, "0", RecordLayer.Sealed)]
    [InlineData(RecordLayer.Sealed, "true", RecordLayer.Sealed)]
    [InlineData(RecordLayer.Sealed, "1", RecordLayer.Plain)]
    [InlineData(RecordLayer.Tls, "1", RecordLayer.Tls)]
    [InlineData(RecordLayer.Tls, null, RecordLayer.Tls)]
    public void DataPlane_OfAnEnvironment_IsPlainOnlyWhenAskedForExactly(RecordLayer configured, string? variable, RecordLayer layer)
    {
        var options = new NodeOptions
        {
            Name = new Model.NodeId("a"), StateFolder = "state", Tls = new TlsOptions("ca.crt", "a.crt", "a.key"),
            DataPlane = new DataPlaneOptions { RecordLayer = configured },
        };

        Assert.Equal(layer, OptionMapping.DataPlane(options, name => name == "CLUSTERTRANSFER_UNSAFE_PLAIN_DATA" ? variable : null).RecordLayer);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("1")]
    public void DataPlane_ConfiguredAsPlain_IsRefusedWhateverTheVariable(string? variable)
    {
        var options = new NodeOptions
        {
            Name = new Model.NodeId("a"), StateFolder = "state", Tls = new TlsOptions("ca.crt", "a.crt", "a.key"),
            DataPlane = new DataPlaneOptions { RecordLayer = RecordLayer.Plain },
        };

        Assert.Throws<ArgumentException>(() => OptionMapping.DataPlane(options, _ => variable));
    }
}
