using System.Globalization;
using System.Text.Json;
using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Transfers.Coordination;

// What others see of the transfer: the live view, the catalogue row, the event log.
internal sealed partial class TransferCoordinator
{
    // Events are a story for people: beyond this many unwritten ones, further passing notes are dropped, and that is logged.
    private const int MaxUnwrittenEvents = 256;

    private readonly TransferView _view;
    private int _unwrittenEvents;
    private long _droppedEvents;
    private (IActorRef ReplyTo, TransferResource Answer)? _submitter;
    private bool _cataloguing;
    private bool _retiring;
    private bool _catalogueStale;
    private long _cataloguedAt;

    private void Show() => _services.Live.Publish(_view.Build(_id, _record), _view.Connections);

    private void LogEvent(string kind, string text, IReadOnlyDictionary<string, JsonElement>? data = null)
    {
        // The list of what was not delivered is part of the story at its end, not of each line.
        TransferResource now = _view.Build(_id, _record);
        now = _record.Ended is null && _record.DestinationDone is null ? now with { Issues = [] } : now;
        if (_unwrittenEvents >= MaxUnwrittenEvents)
        {
            _droppedEvents++;
            return;
        }

        _unwrittenEvents++;
        _services.Log.TransferEvent(_id.Value, kind, text);
        string json = data is null
            ? JsonSerializer.Serialize(now, ApiJson.Default.TransferResource)
            : JsonSerializer.Serialize(new EventDetails(now, data), ApiJson.Default.EventDetails);
        _services.Catalogue.AppendEventAsync(_id, Now, kind, text, json, CancellationToken.None).PipeTo(
            Self, success: sequence => new EventLogged(sequence), failure: error => new EventLogged(0, error));
    }

    // What its chunks waited for all in all, as far as this run of the hub has heard; null when nothing moved.
    private IReadOnlyDictionary<string, JsonElement>? WaitsOfAll() => _view.Waits is { Count: > 0 } waits
        ? EventData.Of(
            ("limiter", waits[0].Stage),
            ("limiterPercent", (long)Math.Round(100 * waits[0].Share)),
            ("stages", string.Join(", ", waits.Select(wait => string.Create(CultureInfo.InvariantCulture, $"{wait.Stage} {100 * wait.Share:0.#} %")))))
        : null;

    private void OnEventLogged(EventLogged logged)
    {
        _unwrittenEvents--;
        if (logged.Error is not null)
        {
            _services.Log.EventNotWritten(_id.Value, logged.Error);
            return;
        }

        _view.LastEvent = Math.Max(_view.LastEvent, logged.Sequence);
        Show();
        if (_record.Ended is not null)
        {
            CatalogueNow();
        }
    }

    private void RefreshCatalogue()
    {
        if (_record.Submitted is not null && _services.Time.GetElapsedTime(_cataloguedAt) >= _services.Options.CatalogueInterval)
        {
            CatalogueNow();
        }
    }

    private void CatalogueNow()
    {
        if (_cataloguing)
        {
            _catalogueStale = true;
            return;
        }

        _cataloguing = true;
        _catalogueStale = false;
        _cataloguedAt = _services.Time.GetTimestamp();
        _services.Catalogue.UpsertAsync(_view.Build(_id, _record), CancellationToken.None).PipeTo(
            Self, success: () => new CoordinationProtocol.Catalogued(), failure: error => new CoordinationProtocol.Catalogued(error));
    }

    private void OnCatalogued(CoordinationProtocol.Catalogued catalogued)
    {
        _cataloguing = false;
        _submitter?.ReplyTo.Tell(new CoordinationProtocol.Accepted(_submitter.Value.Answer));
        _submitter = null;
        if (catalogued.Error is not null)
        {
            // The row is a cache of the stream: the next refresh, or the next start, makes up for it.
            _services.Log.CatalogueNotWritten(_id.Value, catalogued.Error);
            _catalogueStale = true;
        }
        else if (_reopeningFor is null && _catalogueStale)
        {
            CatalogueNow();
        }

        if (_reopeningFor is not null)
        {
            ReopenRow();
        }
    }

    // Watchers read the end from the catalogue, so the coordinator stays until everything is written there.
    private void RetireWhenCatalogued()
    {
        if (_reopeningFor is not null)
        {
            return;   // It is about to be taken up again.
        }

        if (_catalogueStale && !_cataloguing)
        {
            CatalogueNow();
        }
        else if (!_cataloguing && _unwrittenEvents == 0)
        {
            Retire();
        }
    }

    // Once: what comes from here on belongs to the coordinator that starts anew.
    private void Retire()
    {
        if (!_retiring)
        {
            _retiring = true;
            Context.Parent.Tell(new CoordinationProtocol.Retired(_id));
        }
    }

    private sealed record EventLogged(long Sequence, Exception? Error = null);
}
