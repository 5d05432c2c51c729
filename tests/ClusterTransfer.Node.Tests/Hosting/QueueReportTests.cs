using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Hosting;
using ClusterTransfer.Node.Tests.Api;
using ClusterTransfer.Transfers.Coordination;

namespace ClusterTransfer.Node.Tests.Hosting;

/// <summary>The queue as the API shows it.</summary>
public sealed class QueueReportTests
{
    [Fact]
    public void Of_WhatWaits_IsCountedApartFromWhatRuns()
    {
        TransferResource running = Samples.Active(TransferId.New()) with { SourceNode = new NodeId("alpha") };
        TransferResource waiting = Samples.Queued(TransferId.New());

        QueueResource queue = QueueReport.Of(new QueueGate(), [running, waiting, Samples.Completed(Samples.Active(TransferId.New()))], []);

        Assert.Equal((1, 1, 0), (queue.RunningCount, queue.WaitingCount, queue.DamagedCount));
        Assert.Equal(waiting.Id, Assert.Single(queue.Waiting).Id);
    }

    [Fact]
    public void Of_StreamsThatCannotBeRead_CountsAllAndListsTheFirst()
    {
        Dictionary<TransferId, Problem> unreadable = Enumerable.Range(0, QueueResource.MaxListed + 1).ToDictionary(_ => TransferId.New(), i => new Problem(Reason.DiskError, $"Row {i}."));

        QueueResource queue = QueueReport.Of(new QueueGate(), [], unreadable);

        Assert.Equal((QueueResource.MaxListed + 1, QueueResource.MaxListed), (queue.DamagedCount, queue.Damaged.Count));
        Assert.Equal(unreadable.Keys.Select(id => id.Value).Order(StringComparer.Ordinal).Take(QueueResource.MaxListed), queue.Damaged.Select(stream => stream.Transfer!.Value.Value));
    }
}
