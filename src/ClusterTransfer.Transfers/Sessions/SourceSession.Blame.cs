using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Transfers.Policies;
using ClusterTransfer.Transport.Connections;

namespace ClusterTransfer.Transfers.Sessions;

// Whose fault it is that a connection ended. It carries several chunks, and the session may have to send all of them again: only the one that is to blame loses an
// attempt. Who cannot be told from its neighbours goes alone from then on, so that the next time there are none.
internal sealed partial class SourceSession
{
    // Connections that end under a chunk in a row before it goes alone. Fewer would let every chunk of a link that is reset now and then wait for an idle connection.
    private const int LossesBeforeAlone = 3;

    // A link that does not hold looks like a chunk that breaks it when there is no other connection to compare with. Then the session ends and says so;
    // sessions that bring nothing have a limit of their own.
    private const int MaxLosses = 256;

    // Long enough for a peer that dies to take its other connections with it.
    private static readonly TimeSpan MinJudgement = TimeSpan.FromSeconds(1);

    // Each chunk that was on its way goes back, once.
    private List<ChunkIndex> TakeBack(int connection, PumpEndReason end)
    {
        var requeued = new List<ChunkIndex>();
        ChunkInFlight[] lost = [.. _ledger.InFlight.Values.Where(chunk => chunk.Connection == connection)];
        _lost.Lose(lost.Sum(chunk => (long)chunk.Chunk.Length));
        bool isUnanswered = lost.Any(chunk => chunk.IsBlamed);
        foreach (ChunkInFlight chunk in lost)
        {
            Context.Stop(chunk.Actor);
            if (!_ledger.InFlight.ContainsKey(chunk.Chunk.Index))
            {
                continue;   // One before it was given up, and its file with it.
            }

            if (chunk.Refusal is { } refusal)
            {
                // Refused, and the connection closed for it before the chunk's actor could say so.
                if (IsLast(chunk))
                {
                    ParkRefused(chunk, refusal);
                }
                else
                {
                    RetryLater(chunk, refusal.Why);
                }
            }
            else if (chunk.IsBlamed && IsLast(chunk))
            {
                ParkUnanswered(chunk);
            }
            else if (!isUnanswered && chunk is { IsAlone: true, IsSent: true } && end != PumpEndReason.HeartbeatLost && Connections.Count > 0)
            {
                JudgeLater(chunk);
            }
            else
            {
                _ledger.Requeue(chunk.Chunk.Index, TroubleAfter(chunk, isUnanswered));
                requeued.Add(chunk.Chunk.Index);
            }
        }

        return requeued;
    }

    private bool IsLast(ChunkInFlight chunk) => chunk.Attempt >= Policies.ChunkRetry.Attempts;

    // A chunk that the connection had not taken yet was not there when it happened.
    private ChunkTrouble? TroubleAfter(ChunkInFlight chunk, bool isUnanswered)
    {
        if (!chunk.IsSent)
        {
            return null;
        }

        ChunkTrouble? before = _ledger.TroubleOf(chunk.Chunk.Index);
        int losses = (before?.Losses ?? 0) + 1;
        if (losses == MaxLosses)
        {
            Self.Tell(new SourceProtocol.LostTooOften(chunk.Chunk.Index, PathOf(chunk.Page, chunk.Chunk.Entry)));
        }

        return chunk.IsBlamed
            ? new ChunkTrouble(chunk.Attempt, chunk.Connection, Services.Time.GetUtcNow(), losses, GoesAlone: true)
            : new ChunkTrouble(chunk.Attempt - 1, chunk.Connection, null, losses, isUnanswered || losses >= LossesBeforeAlone || before?.GoesAlone == true);
    }

    // It was alone, and its connection broke while others stood. If one of those stands when its pause is over, the peer and the link are well.
    private void JudgeLater(ChunkInFlight chunk)
    {
        ChunkIndex index = chunk.Chunk.Index;
        ChunkTrouble trouble = TroubleAfter(chunk, isUnanswered: false)!;   // it was sent
        TimeSpan pause = Backoff.After(chunk.Attempt, Policies.ChunkRetry.PauseMin, Policies.ChunkRetry.PauseMax, Context.System.NextRandom);
        _ledger.Wait(index, trouble);
        Timers.StartSingleTimer(
            index, new SourceProtocol.LossDue(chunk, [.. Connections.Keys], Services.Time.GetUtcNow()), pause < MinJudgement ? MinJudgement : pause);
    }

    private void OnLossDue(SourceProtocol.LossDue due)
    {
        ChunkIndex index = due.Lost.Chunk.Index;
        if (_ledger.StateOf(index) != ChunkState.Waiting)
        {
            return;   // Its file was given up meanwhile.
        }

        if (due.Standing.Any(Connections.ContainsKey))
        {
            if (IsLast(due.Lost))
            {
                ParkBreaking(due.Lost);
                PumpPages();
                Dispatch();
                return;
            }

            _ledger.Blame(index, _ledger.TroubleOf(index)! with { Attempts = due.Lost.Attempt, FirstAt = due.At });   // it waits because of one
            Note(
                "chunk-blamed",
                $"Connection {due.Lost.Connection} to {Command.Peer} ended under chunk {index}, which it carried alone, and others did not: attempt {due.Lost.Attempt} of {Policies.ChunkRetry.Attempts}.",
                EventData.Of(("chunk", index), ("attempt", due.Lost.Attempt), ("attempts", Policies.ChunkRetry.Attempts), ("connection", due.Lost.Connection)));
        }

        _ledger.Wake(index);
        Dispatch();
    }

    private void ParkBreaking(ChunkInFlight lost) => Park(
        lost,
        lost.Digest.ToString(),
        string.Empty,
        new Problem(
            Reason.ChunkUnanswered,
            $"Chunk {lost.Chunk.Index} at offset {lost.Chunk.FileOffset} was sent {lost.Attempt} times alone over a connection, and each ended before it was acknowledged, the last time connection {lost.Connection}."));

    private void OnLostTooOften(SourceProtocol.LostTooOften lost) => EndFor(new Problem(
        Reason.SessionLost, $"{MaxLosses} connections to {Command.Peer} ended one after the other under chunk {lost.Chunk} of '{lost.Path}'."));
}
