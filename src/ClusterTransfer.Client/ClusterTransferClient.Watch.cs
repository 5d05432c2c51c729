using System.Runtime.CompilerServices;
using ClusterTransfer.Client.Streams;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Client;

/// <summary>Following one transfer through losses of the node that is asked.</summary>
public sealed partial class ClusterTransferClient
{
    /// <summary>The events of a transfer until it has ended. Reconnects with back-off and goes on where it was.</summary>
    /// <param name="id">The whole id.</param>
    /// <param name="after">The last sequence number the caller has; 0 for none.</param>
    /// <param name="notice">Told when the node is lost and when it is back, once each per outage; null for nobody.</param>
    /// <param name="cancellationToken">Ends the watch, not the transfer.</param>
    /// <returns>Stored events in order, each once, and passing <c>progress</c> events (sequence 0) between them. The last one's transfer has ended;
    /// an earlier one's too where the transfer was retried.</returns>
    /// <exception cref="ClusterTransferApiException">The node refuses, or was away longer than <see cref="ClientOptions.ReconnectLimit"/>.</exception>
    public async IAsyncEnumerable<TransferEvent> WatchAsync(
        TransferId id, long after = 0, Action<WatchNotice>? notice = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var backoff = new Backoff(_options.ReconnectMin, _options.ReconnectMax, _options.TimeProvider);
        long? lostAt = null;
        bool ended = false;
        while (!ended)
        {
            await backoff.WaitAsync(cancellationToken).ConfigureAwait(false);
            EventStream? stream = null;
            Problem? lost = null;
            try
            {
                stream = await EventStream.OpenAsync(_http, id, after, _options, _shownAddress, cancellationToken).ConfigureAwait(false);
            }
            catch (ClusterTransferApiException error) when (IsPassing(error))
            {
                lost = error.Problem;
                ThrowWhenAwayTooLong(lostAt, error);
            }

            if (stream is not null)
            {
                await using ConfiguredAsyncDisposable disposing = stream.ConfigureAwait(false);
                if (lostAt is { } since)
                {
                    notice?.Invoke(new WatchNotice(WatchNoticeKind.Back, null, _options.TimeProvider.GetElapsedTime(since)));
                    lostAt = null;
                }

                while (await stream.NextAsync(cancellationToken).ConfigureAwait(false) is { } item)
                {
                    backoff.Reset();
                    ended = item.Transfer.State.IsTerminal();
                    stream.ExpectEnd(ended);
                    if (item.Sequence > 0 && item.Sequence <= after)
                    {
                        continue;   // a node that was asked to go on from there must not repeat it, but nothing breaks if one does
                    }

                    after = Math.Max(after, item.Sequence);
                    yield return item;
                }

                lost = stream.Lost;
            }

            // An ended transfer's stream is over when it breaks, whatever broke it: the outcome is known.
            if (!ended && lostAt is null)
            {
                lostAt = _options.TimeProvider.GetTimestamp();
                notice?.Invoke(new WatchNotice(WatchNoticeKind.Lost, lost, TimeSpan.Zero));
            }
        }
    }

    /// <summary>Waits until a transfer is in a state, or beyond it, or has ended.</summary>
    /// <param name="id">The whole id.</param>
    /// <param name="state">The state waited for; null waits for the end.</param>
    /// <param name="timeout">How long to wait; null without limit.</param>
    /// <param name="notice">As for <see cref="WatchAsync"/>.</param>
    /// <param name="cancellationToken">Ends the wait, not the transfer.</param>
    /// <returns>The transfer as it then was.</returns>
    /// <exception cref="ClusterTransferApiException"><see cref="Reason.TimedOut"/> when the time was not enough; else as <see cref="WatchAsync"/>.</exception>
    public Task<TransferResource> WaitAsync(
        TransferId id, TransferState? state = null, TimeSpan? timeout = null, Action<WatchNotice>? notice = null, CancellationToken cancellationToken = default) =>
        WaitUntilAsync(id, transfer => HasReached(transfer.State, state), state?.ToString() ?? "over", timeout, notice, cancellationToken);

    /// <summary>Waits until a transfer is as wanted, or has ended.</summary>
    /// <param name="id">The whole id.</param>
    /// <param name="reached">Whether it is as wanted; an ended one is waited for no longer, whatever this says.</param>
    /// <param name="what">What is waited for, as the message of <see cref="Reason.TimedOut"/> says it: "was not WHAT".</param>
    /// <param name="timeout">How long to wait; null without limit.</param>
    /// <param name="notice">As for <see cref="WatchAsync"/>.</param>
    /// <param name="cancellationToken">Ends the wait, not the transfer.</param>
    /// <returns>The transfer as it then was.</returns>
    /// <exception cref="ClusterTransferApiException"><see cref="Reason.TimedOut"/> when the time was not enough; else as <see cref="WatchAsync"/>.</exception>
    public async Task<TransferResource> WaitUntilAsync(
        TransferId id, Func<TransferResource, bool> reached, string what, TimeSpan? timeout = null, Action<WatchNotice>? notice = null, CancellationToken cancellationToken = default)
    {
        using var deadline = new CancellationTokenSource(timeout ?? Timeout.InfiniteTimeSpan, _options.TimeProvider);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            TransferResource transfer = await GetAsync(id.Value, ends.Token).ConfigureAwait(false);
            if (transfer.State.IsTerminal() || reached(transfer))
            {
                return transfer;
            }

            await foreach (TransferEvent item in WatchAsync(id, transfer.LastEvent, notice, ends.Token).ConfigureAwait(false))
            {
                if (item.Transfer.Retries < transfer.Retries)
                {
                    continue;   // the end of an earlier round: it was taken up again since
                }

                transfer = item.Transfer;
                if (transfer.State.IsTerminal() || reached(transfer))
                {
                    return transfer;
                }
            }

            return transfer;
        }
        catch (OperationCanceledException error) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ClusterTransferApiException(
                new Problem(Reason.TimedOut, $"Transfer {id} was not {what} after {timeout!.Value.TotalSeconds:0.#} s."),
                $"It still runs: wait again with 'ct wait {id}'.",
                inner: error);
        }
    }

    /// <summary>Whether a transfer in a state has what is waited for: an end, or a state before the end that it is in or has passed.</summary>
    public static bool HasReached(TransferState now, TransferState? wanted) =>
        // The states before the end come in the order of the enum.
        now.IsTerminal() || (wanted is { } state && !state.IsTerminal() && now >= state);

    // What a restarting node or hub answers passes; what is wrong with the request or the token does not.
    private static bool IsPassing(ClusterTransferApiException error) =>
        error.IsConnectionFailure || (error.Reason.Info().Class == ReasonClass.Transient && error.Reason != Reason.TimedOut);

    private void ThrowWhenAwayTooLong(long? lostAt, ClusterTransferApiException error)
    {
        if (lostAt is { } since && _options.TimeProvider.GetElapsedTime(since) >= _options.ReconnectLimit)
        {
            throw error;
        }
    }
}
