namespace ClusterTransfer.Transfers.Coordination;

/// <summary>Adds up over sessions what each counts from nothing.</summary>
internal sealed class ArrivedBytes
{
    private long _ofSession;
    private long _all;

    /// <summary>Notes the count of the session in force; one that fell is of a newer session. Null when nothing was said.</summary>
    /// <returns>The bytes of all sessions.</returns>
    public long Add(long? ofSession)
    {
        if (ofSession is { } now)
        {
            _all += now >= _ofSession ? now - _ofSession : now;
            _ofSession = now;
        }

        return _all;
    }
}
