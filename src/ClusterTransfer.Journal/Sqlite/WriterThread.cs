using ClusterTransfer.Model;
using ClusterTransfer.Model.Faults;
using Microsoft.Data.Sqlite;

namespace ClusterTransfer.Journal.Sqlite;

/// <summary>The one writer: takes what waits, runs it in one transaction, and tells each caller after the flush.</summary>
/// <remarks>Works are independent: one that fails is undone alone by its savepoint. A failed flush fails the whole batch and every later
/// write, because nobody knows any more what is on the disk: the process has to stop and recover.</remarks>
internal sealed class WriterThread(SqlQueue queue, SqliteConnection connection, string file, int maxBatch)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Problem> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<SqlWork> _batch = new(maxBatch);
    private ClusterTransferException? _fatal;
    private long _commits;

    /// <summary>Completes when the connection is closed.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Completes when the disk has failed a write.</summary>
    public Task<Problem> Failed => _failed.Task;

    /// <summary>Transactions so far.</summary>
    public long Commits => Interlocked.Read(ref _commits);

    public void Start() => new Thread(Run) { IsBackground = true, Name = "journal-writer" }.Start();

    private void Run()
    {
        try
        {
            while (queue.TryTake(out SqlWork? work))
            {
                do
                {
                    _batch.Add(work!);
                }
                while (_batch.Count < maxBatch && queue.TryTakeNow(out work));
                WriteBatch();
                _batch.Clear();
            }
        }
        finally
        {
            connection.Dispose();
            _ended.TrySetResult();
        }
    }

    private void WriteBatch()
    {
        _batch.RemoveAll(work => work.TryCancel());
        try
        {
            if (_fatal is not null)
            {
                FailAll(_fatal);
                return;
            }

            if (_batch.Count == 0)
            {
                return;
            }

            connection.Execute("BEGIN IMMEDIATE");
            RunEach();
            Fault.Point("c1.before");
            connection.Execute("COMMIT");
            Fault.Point("c1.after");
            Interlocked.Increment(ref _commits);
            foreach (SqlWork work in _batch)
            {
                work.Complete();
            }
        }
        catch (SqliteException error)
        {
            FailBatch(error);
        }
        catch (Exception error)
        {
            // A bug outside the works themselves: nothing of the batch may stay.
            connection.RollbackIfOpen();
            FailAll(error);
        }
    }

    /// <summary>Runs the works; those that fail on their own are told, undone and taken out of the batch.</summary>
    private void RunEach()
    {
        for (int i = 0; i < _batch.Count; i++)
        {
            SqlWork work = _batch[i];
            connection.Execute("SAVEPOINT work");
            try
            {
                work.Run(connection);
            }
            catch (Exception error) when (error is not SqliteException { SqliteErrorCode: not SQLitePCL.raw.SQLITE_CONSTRAINT })
            {
                connection.Execute("ROLLBACK TO work");
                work.Fail(error is SqliteException sqlite ? SqliteFailure.Translate(sqlite, file) : error);
                _batch.RemoveAt(i--);
            }

            connection.Execute("RELEASE work");
        }
    }

    private void FailBatch(SqliteException error)
    {
        ClusterTransferException translated = SqliteFailure.Translate(error, file);
        if (SqliteFailure.IsFatal(error))
        {
            _fatal = translated;
        }

        try
        {
            connection.RollbackIfOpen();
        }
        catch (SqliteException second)
        {
            _fatal ??= SqliteFailure.Translate(second, file);
        }

        FailAll(translated);
        if (_fatal is not null)
        {
            _failed.TrySetResult(_fatal.Problem);
        }
    }

    private void FailAll(Exception error)
    {
        foreach (SqlWork work in _batch)
        {
            work.Fail(error);
        }
    }
}
