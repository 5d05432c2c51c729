using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Tests.Support;

namespace ClusterTransfer.Transfers.Tests.Peers;

public sealed class SessionDirectoryTests
{
    private readonly SessionDirectory _directory = new();

    [Fact]
    public void Find_AddedSession_IsFoundUntilRemoved()
    {
        SessionBinding binding = Binding(1);

        Assert.True(_directory.TryAdd(binding));
        Assert.Same(binding, _directory.Find(new SessionId(7)));
        _directory.Remove(binding);
        Assert.Null(_directory.Find(new SessionId(7)));
    }

    [Fact]
    public void TryAdd_IdThatIsTaken_IsRefusedAndTheFirstStays()
    {
        SessionBinding first = Binding(1);
        _directory.TryAdd(first);

        Assert.False(_directory.TryAdd(Binding(2)));
        Assert.Same(first, _directory.Find(new SessionId(7)));
    }

    [Fact]
    public void Remove_ByASessionThatDoesNotHoldTheId_ChangesNothing()
    {
        SessionBinding holder = Binding(2);
        _directory.TryAdd(holder);

        _directory.Remove(Binding(1));

        Assert.Same(holder, _directory.Find(new SessionId(7)));
    }

    private static SessionBinding Binding(uint session) => new(
        Samples.Id, new Epoch(1, session), new SessionId(7), SessionRole.Destination, Samples.A, [], [], 1, ActorRefs.Nobody, new RecordingPort());
}
