using Microsoft.Data.Sqlite;

namespace ClusterTransfer.Journal.Sqlite;

/// <summary>A dedicated thread with a read-only connection; several share one queue.</summary>
internal sealed class ReaderThread(SqlQueue queue, SqliteConnection connection, string file)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the connection is closed.</summary>
    public Task Ended => _ended.Task;

    public void Start(int number) =>
        new Thread(Run) { IsBackground = true, Name = $"journal-reader-{number}" }.Start();

    private void Run()
    {
        try
        {
            while (queue.TryTake(out SqlWork? work))
            {
                Read(work!);
            }
        }
        finally
        {
            connection.Dispose();
            _ended.TrySetResult();
        }
    }

    private void Read(SqlWork work)
    {
        if (work.TryCancel())
        {
            return;
        }

        try
        {
            // One transaction: all statements of the work see the same state.
            connection.Execute("BEGIN");
            try
            {
                work.Run(connection);
            }
            finally
            {
                connection.RollbackIfOpen();
            }

            work.Complete();
        }
        catch (SqliteException error)
        {
            work.Fail(SqliteFailure.Translate(error, file));
        }
        catch (Exception error)
        {
            work.Fail(error);
        }
    }
}
