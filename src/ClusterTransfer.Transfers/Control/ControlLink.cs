using ClusterTransfer.Actors;
using ClusterTransfer.Bus;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Model.Faults;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Transfers.Control;

/// <summary>Messages of <see cref="ControlLink"/>.</summary>
internal static class ControlLinkProtocol
{
    /// <summary>Sends over the bus; a loss is covered by the sender's own repeats.</summary>
    public sealed record Send(BusTarget To, BusMessage Message);

    public sealed record Sent(BusTarget To, Exception? Error = null);
}

/// <summary>Puts the messages of actors on the bus, so that no actor awaits it. What cannot be delivered now is dropped and logged:
/// every command is repeated by its sender until answered.</summary>
internal sealed class ControlLink : ReceiveActor
{
    private const int MaxInFlight = 256;

    private readonly IMessageBus _bus;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopping = new();
    private int _inFlight;

    public ControlLink(IMessageBus bus, ILogger log)
    {
        _bus = bus;
        _log = log;
        Become(Linked);
    }

    protected override void PostStop()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private void Linked()
    {
        Receive<ControlLinkProtocol.Send>(send =>
        {
            if (_inFlight >= MaxInFlight)
            {
                _log.ControlMessageDropped(send.Message.GetType().Name, send.To.ToString(), "too many messages are being sent");
                return;
            }

            _inFlight++;
            Fault.Point("c2.before");
            _bus.SendAsync(send.To, send.Message, _stopping.Token).PipeTo(
                Self,
                success: () => new ControlLinkProtocol.Sent(send.To),
                failure: error => new ControlLinkProtocol.Sent(send.To, error));
        });
        Receive<ControlLinkProtocol.Sent>(sent =>
        {
            _inFlight--;
            Fault.Point("c2.after");
            if (sent.Error is not null and not OperationCanceledException)
            {
                _log.ControlMessageDropped("message", sent.To.ToString(), sent.Error.Message);
            }
        });
    }
}
