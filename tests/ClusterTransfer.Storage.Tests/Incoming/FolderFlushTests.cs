using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Tests.Incoming;

/// <summary>The flush of a folder fails: nobody knows which names are on disk, so the session ends, and the next one looks.</summary>
public sealed class FolderFlushTests : IDisposable
{
    private const int Large = (2 * ManualSource.Base) + 77;
    private readonly Destination _to = new();

    public void Dispose()
    {
        NativeCalls.Fail(null);
        _to.Dispose();
    }

    [Theory]
    [InlineData("names of staged files")]
    [InlineData("names of published files")]
    [InlineData("links")]
    [InlineData("folders")]
    public void Flush_OfAFolderFails_MayPassAndTheNextSessionDelivers(string what)
    {
        bool isStaging = what != "names of published files";
        NativeCall call = what == "names of staged files" ? NativeCall.Flush : NativeCall.FlushFileSystem;
        ManualSource source = what switch
        {
            "links" => new ManualSource().Folder("t").Link("t/link", "target", 7),
            "folders" => new ManualSource().Folder("t"),
            _ => ManualSource.Single(Large),
        };
        using (IncomingTransfer transfer = _to.Open())
        {
            NativeCalls.Fail((made, path) => made == call && path == _to.Staging == isStaging ? Errno.InputOutput : Errno.None);

            ClusterTransferException error = Assert.Throws<ClusterTransferException>(() => source.Deliver(transfer));

            Assert.Equal((Reason.SessionLost, ReasonClass.Transient), (error.Reason, error.Reason.Info().Class));
            NativeCalls.Fail(null);
        }

        using IncomingTransfer next = _to.Open();
        source.Deliver(next);
        _to.AssertEquals(source);
    }
}
