using ClusterTransfer.Storage.Incoming;

namespace ClusterTransfer.Storage.Tests.Incoming.Recovery;

/// <summary>Plays a crash at every named point of a transfer's life, then opens again, sends what is missing, and expects an equal tree.</summary>
/// <remarks>A crash is an exception from the point and disposal, which writes nothing: what kill -9 leaves behind, because the page cache stays.</remarks>
public sealed class CrashPointTests
{
    public static TheoryData<string> Points => new(
        "d1.before", "d1.after", "d2.before", "d2.after", "d3.before", "d3.after", "d4.before", "d4.after", "d5.before", "d5.after",
        "d6.before", "d6.after", "d7.before", "d7.after", "d8.before", "d9.before", "d10.before", "d11.before", "d11.after",
        "d12.before", "d12.after", "d13.before", "d13.after", "d14.before", "d14.after", "d15.before", "d15.after", "d16.before", "d16.after",
        "finish.folder");

    [Theory]
    [MemberData(nameof(Points))]
    public void Crash_FirstTimeAtPoint_ResumesToEqualTree(string point) => Assert.True(CrashAndResume(point, hit: 1, again: false));

    [Theory]
    [Trait("category", "slow")]
    [MemberData(nameof(Points))]
    public void Crash_EachTimeAtPoint_ResumesToEqualTree(string point)
    {
        int hit = 1;
        while (CrashAndResume(point, hit, again: false))
        {
            hit++;
        }

        Assert.True(hit > 1, $"{point} was never reached");
    }

    [Theory]
    [Trait("category", "slow")]
    [MemberData(nameof(Points))]
    public void Crash_AtPointAndAgainInRecovery_ResumesToEqualTree(string point) => CrashAndResume(point, hit: 2, again: true);

    // False when the point was reached less often, so that the run was an ordinary one.
    private static bool CrashAndResume(string point, int hit, bool again)
    {
        using var to = new Destination();
        ManualSource source = ManualSource.Tree(pageSize: 6);
        var crash = new CrashAt(point, hit);
        bool crashed = Run(to, source, crash);
        to.AssertNoPart(source);
        if (again)
        {
            // Every point that recovery and the resumed session reach first, once more.
            foreach (string next in new[] { "d14.after", "d16.before", "d7.after" })
            {
                Run(to, source, new CrashAt(next, 1));
                to.AssertNoPart(source);
            }
        }

        using (IncomingTransfer last = to.Open())
        {
            source.Deliver(last);
            Assert.Equal(9, last.Progress.FilesPublished);
            Assert.Empty(last.Issues);
        }

        to.AssertEquals(source);
        Assert.Empty(to.Staged());
        return crashed;
    }

    private static bool Run(Destination to, ManualSource source, CrashAt crash)
    {
        IncomingTransfer? transfer = null;
        try
        {
            transfer = to.Open(to.Options with { FaultPoint = crash.Reach });
            source.Deliver(transfer);
            return false;
        }
        catch (PlayedCrashException)
        {
            return true;
        }
        finally
        {
            transfer?.Dispose();
        }
    }
}

/// <summary>Throws the n-th time a point is reached, and at every point after that: the process is gone.</summary>
internal sealed class CrashAt(string point, int hit)
{
    private int _hits;

    public bool IsDead { get; private set; }

    public void Reach(string reached)
    {
        if (IsDead || (reached == point && Interlocked.Increment(ref _hits) == hit))
        {
            IsDead = true;
            throw new PlayedCrashException();
        }
    }
}

/// <summary>The process was killed here.</summary>
internal sealed class PlayedCrashException : Exception;
