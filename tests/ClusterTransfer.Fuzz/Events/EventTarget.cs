using System.Globalization;
using System.Text;
using ClusterTransfer.Fuzz.Bytes;
using ClusterTransfer.Journal;
using ClusterTransfer.Model;
using ClusterTransfer.Transfers.Coordination;

namespace ClusterTransfer.Fuzz.Events;

/// <summary>A row of the transfer journal: refused as what it is, or an event that a transfer can be rebuilt from and that is written again as it was.</summary>
/// <remarks>An input is the type's name, a space, its version, a line break and the JSON.</remarks>
public sealed class EventTarget : ByteTarget
{
    private readonly JournalTypes _types = EventSeeds.Types();
    private readonly StoredPayload[] _good;

    public EventTarget() => _good = [.. EventSeeds.Good().Select(_types.Encode)];

    public override string Name => "event";

    public override IReadOnlyList<ParserPart> Parser { get; } =
    [
        new("ClusterTransfer.Journal.JournalTypes", "Decode"),
        new("ClusterTransfer.Journal.StoredTime"),
        new("ClusterTransfer.Transfers.Coordination.TransferRecord", "Apply"),
        new("ClusterTransfer.Model.IdJsonConverter`1", "Read", "Parse"),
        new("ClusterTransfer.Model.TransferAddressJsonConverter", "Read"),
        new("ClusterTransfer.Model.TransferAddress", "TryParse"),
    ];

    protected override bool IsText => true;

    protected override IReadOnlyList<byte[]> Pieces { get; } =
    [
        .. ((string[])["{", "}", "[", "]", ":", ",", "\"", "null", "true", "false", "\\", "\\ud800", "\"at\":null,", "\"progress\":null,", "\"issues\":null,", "\"issues\":[null],", "\"request\":null,",
            "\"epoch\":null,", "\"problem\":null,", "Failed, Partial", "\"data:../x\"", "transfer-ended 1\n", "transfer-submitted 1\n", "2026-11-20T12:00:00+00:00", "9999-12-31T23:59:59.9999999-14:00", "0001-01-01T00:00:00+14:00"])
        .Select(Encoding.UTF8.GetBytes), [0xFF],
    ];

    protected override IEnumerable<Seed> Seeds => EventSeeds.All(_types);

    protected override byte[] MakeUp(Random random)
    {
        StoredPayload stored = _good[random.Next(_good.Length)];
        return [.. Encoding.UTF8.GetBytes($"{stored.Name} {stored.Version}\n"), .. JsonMaker.WithOtherValues(Encoding.UTF8.GetBytes(stored.Json), random)];
    }

    public override bool Try(byte[] input, int choice)
    {
        string text = Encoding.UTF8.GetString(input);
        int line = text.IndexOf('\n', StringComparison.Ordinal);
        string[] head = (line < 0 ? text : text[..line]).Split(' ');
        _ = int.TryParse(head.Length > 1 ? head[1] : string.Empty, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int version);
        var stored = new StoredPayload(head[0], version, line < 0 ? string.Empty : text[(line + 1)..]);
        CheckTime(head[0]);
        object happened;
        Allocation allocation = Allocation.Begin();
        try
        {
            happened = _types.Decode("transfer-0123456789abcdef", 5, stored);
        }
        catch (JournalFormatException refused)
        {
            allocation.End(input.Length, 80, 64 * 1024);
            Check(refused.Sequence == 5 && refused.Reason is Reason.DiskError or Reason.VersionMismatch, "A refused row does not say where it is or why.");
            return false;
        }

        allocation.End(input.Length, 80, 16 * 1024);
        StoredPayload written = _types.Encode(happened);
        object second = _types.Decode("transfer-0123456789abcdef", 5, written);
        Check(_types.Encode(second) == written, "An event read and written twice is not the same.");
        CheckUsable(happened);
        return true;
    }

    // What the coordinator does with it when it starts: values that the type says are there must be there.
    private static void CheckUsable(object happened)
    {
        if (happened is TransferEvents.QueuePaused or TransferEvents.QueueResumed)
        {
            return; // of the stream of the queue, not of a transfer's
        }

        var record = new TransferRecord();
        if (happened is TransferEvents.RetryRequested)
        {
            record.Apply(EventSeeds.Good().OfType<TransferEvents.Ended>().First());
        }

        record.Apply(happened);
        if (happened is TransferEvents.Started started)
        {
            record.Apply(started with { At = started.At == DateTimeOffset.MinValue ? DateTimeOffset.MaxValue : DateTimeOffset.MinValue });
            Check(record.StartedAt == started.At, "A transfer began when a later session did.");
        }

        switch (happened)
        {
            case TransferEvents.Submitted submitted:
                Check(submitted.Id.Value.Length > 0 && submitted.ResultName is not null && submitted.Request is { Source.Path: not null, Destination.Path: not null }, "A request without its parts was accepted.");
                Check(Enum.IsDefined(submitted.Request.Conflict) && Enum.IsDefined(submitted.Request.Durability), "A request with a policy that there is not was accepted.");
                break;
            case TransferEvents.SessionGiven given:
                Check(given.Source.Value.Length > 0 && given.Destination.Value.Length > 0 && given.Secret is not null && given.DataAddresses is not null, "A session without its parts was accepted.");
                break;
            case TransferEvents.SessionBroken broken:
                Check(broken.Problem is { Detail: not null } && Enum.IsDefined(broken.Problem.Reason), "A broken session without its problem was accepted.");
                break;
            case TransferEvents.DestinationDone done:
                CheckReport(done.Progress, done.Issues);
                break;
            case TransferEvents.Ended ended:
                CheckReport(ended.Progress, ended.Issues);
                Check(Enum.IsDefined(ended.State), "An end that there is not was accepted.");
                break;
            default:
                break;
        }
    }

    private static void CheckReport(TransferProgress progress, IReadOnlyList<FileIssue> issues)
    {
        Check(progress is not null && issues is not null, "A report without its parts was accepted.");
        foreach (FileIssue issue in issues!) // checked above
        {
            Check(issue is { Path: not null, Problem.Detail: not null } && Enum.IsDefined(issue.State), "An issue without its parts was accepted.");
        }
    }

    private static void CheckTime(string text)
    {
        if (StoredTime.TryParse(text, out DateTimeOffset time))
        {
            Check(StoredTime.From(time) == text && StoredTime.Parse(text) == time, "A time written again is another one.");
        }
        else
        {
            Check(StoredTime.Parse(text) == DateTimeOffset.MinValue, "Text that is no time is one.");
        }
    }

    private static void Check(bool holds, string problem)
    {
        if (!holds)
        {
            throw new FuzzException(problem);
        }
    }
}
