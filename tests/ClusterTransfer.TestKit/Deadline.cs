namespace ClusterTransfer.TestKit;

/// <summary>How long a test waits for an event before it fails: generous, because it only decides how a broken build is reported.</summary>
public static class Deadline
{
    /// <summary>For anything inside one process.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(30);

    /// <summary>Awaits with the default deadline.</summary>
    public static Task<T> WithinDeadline<T>(this Task<T> task) => task.WaitAsync(Default);

    /// <summary>Awaits with the default deadline.</summary>
    public static Task WithinDeadline(this Task task) => task.WaitAsync(Default);
}
