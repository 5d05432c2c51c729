using Microsoft.Data.Sqlite;

namespace ClusterTransfer.Journal.Sqlite;

/// <summary>One piece of work for a connection's thread.</summary>
internal abstract class SqlWork(CancellationToken cancellationToken)
{
    /// <summary>Asked once, when the work is taken up: cancelled before that means that nothing was done, later the outcome stands.</summary>
    public bool TryCancel()
    {
        if (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }

        Cancel(cancellationToken);
        return true;
    }

    /// <summary>Runs on the connection's thread; its result is told by <see cref="Complete"/>, after the commit.</summary>
    public abstract void Run(SqliteConnection connection);

    public abstract void Complete();

    public abstract void Fail(Exception error);

    protected abstract void Cancel(CancellationToken cancellationToken);
}

/// <inheritdoc cref="SqlWork"/>
internal sealed class SqlWork<T>(Func<SqliteConnection, T> run, CancellationToken cancellationToken) : SqlWork(cancellationToken)
{
    // Continuations run elsewhere: the connection's thread only talks to the disk.
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Task => _done.Task;

    public override void Run(SqliteConnection connection) => _result = run(connection);

    public override void Complete() => _done.TrySetResult(_result!);

    public override void Fail(Exception error) => _done.TrySetException(error);

    protected override void Cancel(CancellationToken cancellationToken) => _done.TrySetCanceled(cancellationToken);
}
