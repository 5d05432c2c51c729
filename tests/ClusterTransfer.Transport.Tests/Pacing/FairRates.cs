using ClusterTransfer.Model;

namespace ClusterTransfer.Transport.Tests.Pacing;

/// <summary>What each of several transfers is entitled to, found another way than by the code under test: the level of water is raised in small steps.</summary>
internal static class FairRates
{
    private const int Steps = 5_000;

    public static double[] Of(long node, IReadOnlyDictionary<NodeId, long> peers, IReadOnlyList<One> transfers)
    {
        double[] rates = new double[transfers.Count];
        double step = (double)node / Steps;
        for (double given = 0; given < node;)
        {
            int[] open = [.. Enumerable.Range(0, rates.Length).Where(i => rates[i] < (transfers[i].Limit ?? double.MaxValue) && ToPeer(transfers[i].Peer) < peers.GetValueOrDefault(transfers[i].Peer, long.MaxValue))];
            if (open.Length == 0)
            {
                break;
            }

            double weights = open.Sum(i => transfers[i].Weight);
            foreach (int i in open)
            {
                rates[i] += step * transfers[i].Weight / weights;
            }

            given += step;
        }

        return rates;

        double ToPeer(NodeId peer) => Enumerable.Range(0, rates.Length).Where(i => transfers[i].Peer == peer).Sum(i => rates[i]);
    }

    public sealed record One(NodeId Peer, double Weight, long? Limit);
}
