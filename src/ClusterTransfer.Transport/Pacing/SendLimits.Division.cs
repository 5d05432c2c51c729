using ClusterTransfer.Model;

namespace ClusterTransfer.Transport.Pacing;

// How what comes in is divided: all that can take something rise together, each by its weight, until it has what it can use, or its own limit, its peer's or the node's is used up.
public sealed partial class SendLimits
{
    // Fractions of a byte are lost in sums; nobody waits for those.
    private const double Dust = 1e-2;

    // Nobody asks for less, and a pass over all for each part of each connection would be work for nothing.
    private const double LeastSettledSeconds = 0.0005;

    // How fast a rate that was measured follows.
    private const double MeasureSeconds = 0.25;

    private void TouchLocked(SendShare share)
    {
        share.AskedAt = _time.GetTimestamp();
        _stale |= !share.IsActive;
        share.IsActive = true;
    }

    // What has come in since the last look. What nobody has a use for is lost, else it would be a burst later.
    private void SettleLocked()
    {
        long now = _time.GetTimestamp();
        double seconds = _time.GetElapsedTime(_settledAt, now).TotalSeconds;
        if (seconds < LeastSettledSeconds)
        {
            return;
        }

        _settledAt = now;
        foreach (PeerBudget peer in _peers.Values)
        {
            peer.Left = Inflow(peer.Rate, seconds);
        }

        foreach (SendShare share in _shares)
        {
            if (share is { IsActive: true, Waiting.Count: 0 } && _time.GetElapsedTime(share.AskedAt, now) > ActiveFor)
            {
                (share.IsActive, share.Balance, share.MeasuredRate) = (false, 0, 0);
                _stale = true;
            }

            share.Filled = 0;
            share.Room = share is { IsLimited: true, IsActive: true } ? Math.Min(CapLocked(share) - share.Balance, Inflow(share.OwnRate, seconds)) : 0;
        }

        FillLocked(Inflow(_rate, seconds));
        double follow = 1 - Math.Exp(-seconds / MeasureSeconds);
        foreach (SendShare share in _shares)
        {
            share.Balance += share.Filled;
            share.MeasuredRate += ((share.Filled / seconds) - share.MeasuredRate) * follow;
        }
    }

    private void EstimateWhenStaleLocked()
    {
        if (_stale)
        {
            EstimateLocked();
        }
    }

    // What each would get if all that are active used all they may.
    private void EstimateLocked()
    {
        _stale = false;
        int active = 0;
        foreach (PeerBudget peer in _peers.Values)
        {
            (peer.Left, peer.Active) = (Inflow(peer.Rate, 1), 0);
        }

        foreach (SendShare share in _shares)
        {
            share.Filled = 0;
            share.Room = 0;
            if (share is { IsLimited: true, IsActive: true })
            {
                share.Room = Inflow(share.OwnRate, 1);
                share.Peer.Active++;
                active++;
            }
        }

        FillLocked(Inflow(_rate, 1));
        foreach (SendShare share in _shares)
        {
            (share.FairRate, share.Scope) = (share.Filled, share.ClosedBy);
            share.SharedWith = share.Scope switch { LimitScope.Transfer => 0, LimitScope.Peer => share.Peer.Active - 1, _ => active - 1 };
        }
    }

    private static double Inflow(long rate, double seconds) => rate > 0 ? rate * seconds : double.PositiveInfinity;

    // Each round uses up one limit at least, or fills one share; the bound is for what rounding leaves over.
    private void FillLocked(double node)
    {
        for (int rounds = _shares.Count + _peers.Count + 2; rounds > 0 && node > Dust; rounds--)
        {
            double weights = OpenLocked();
            if (weights == 0)
            {
                return;
            }

            double level = node / weights;
            foreach (SendShare share in _shares)
            {
                if (share.Room > Dust)
                {
                    level = Math.Min(level, Math.Min(share.Room / share.Weight, share.Peer.Left / share.Peer.Open));
                }
            }

            foreach (SendShare share in _shares)
            {
                if (share.Room > Dust)
                {
                    double part = level * share.Weight;
                    share.Filled += part;
                    share.Room -= part;
                    share.Peer.Left -= part;
                    node -= part;
                }
            }

            CloseLocked(node);
        }
    }

    private double OpenLocked()
    {
        foreach (PeerBudget peer in _peers.Values)
        {
            peer.Open = 0;
        }

        double weights = 0;
        foreach (SendShare share in _shares)
        {
            if (share.Room > Dust)
            {
                weights += share.Weight;
                share.Peer.Open += share.Weight;
            }
        }

        return weights;
    }

    private void CloseLocked(double node)
    {
        foreach (SendShare share in _shares)
        {
            if (share.Room == 0)
            {
                continue;
            }

            LimitScope? closedBy = share.Room <= Dust ? LimitScope.Transfer : share.Peer.Left <= Dust ? LimitScope.Peer : node <= Dust ? LimitScope.Node : null;
            if (closedBy is { } scope)
            {
                (share.ClosedBy, share.Room) = (scope, 0);
            }
        }
    }

    // One that waits may collect what it waits for, and what comes in until it is told. The others keep a burst of their rate.
    private double CapLocked(SendShare share)
    {
        if (share.Waiting.First is { Value: var taker })
        {
            double ceiling = Math.Min(Inflow(share.OwnRate, BurstSeconds), Math.Min(Inflow(share.Peer.Rate, BurstSeconds), Inflow(_rate, BurstSeconds)));
            return NeedOf(share, taker) + ceiling;
        }

        return Math.Max(share.Rate * BurstSeconds, 0);
    }
}
