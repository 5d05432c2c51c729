using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Incoming.Recovery;

/// <summary>A tree of which a name is taken, a file cannot be read after its first chunk, and another arrives with a wrong root; the rest is published.</summary>
internal static class PartlyDelivered
{
    /// <summary>Somebody else has the name <c>t/taken</c>.</summary>
    public static void TakeAName(Destination to)
    {
        Directory.CreateDirectory(to.In("t"));
        File.WriteAllText(to.In("t", "taken"), "someone else's");
    }

    /// <summary>Delivers what can be, to the end. The tree has a file <c>t/large</c>.</summary>
    public static void Deliver(ManualSource source, IncomingTransfer transfer, string unreadable, string wrong)
    {
        source.SendManifest(transfer);
        source.Write(transfer, source.ChunksOf(unreadable)[0]);
        transfer.Checkpoint();
        transfer.EntryFailed(source.IndexOf(unreadable), new Problem(Reason.SourceUnreadable, "no"));
        foreach (PlannedChunk chunk in source.Wanted(transfer))
        {
            source.Write(transfer, chunk);
        }

        transfer.FileDone(source.IndexOf("t/large"), source.RootOf("t/large"));
        transfer.FileDone(source.IndexOf(wrong), source.RootOf("t/large"));
        transfer.Checkpoint();
        transfer.PublishReady();
        transfer.Finish();
    }
}
