namespace ClusterTransfer.Actors.Persistence;

/// <summary>
/// Thrown by a journal that refuses the events themselves, for example because it cannot serialise them: nothing of the batch was
/// stored, and the stream is as it was. The persistent actor hears it in <c>OnPersistRejected</c> and goes on.
/// </summary>
public sealed class EventRejectedException(string message, Exception? cause = null) : Exception(message, cause);
