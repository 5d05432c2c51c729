using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Coordination;

namespace ClusterTransfer.Transfers.Tests.Support;

/// <summary>One transfer from node a, location src, to node b, location dst.</summary>
internal static class Samples
{
    public static readonly TransferId Id = new("0000000000000001");
    public static readonly TransferId OtherId = new("0000000000000002");
    public static readonly NodeId A = new("a");
    public static readonly NodeId B = new("b");
    public static readonly NodeId C = new("c");
    public static readonly DateTimeOffset Noon = new(2030, 1, 2, 12, 0, 0, TimeSpan.Zero);
    public static readonly Digest SomeDigest = new([.. Enumerable.Range(1, 32).Select(i => (byte)i)]);

    public static readonly TransferRequest Request = new(Address("src:tree"), Address("dst:in"));

    public static TransferAddress Address(string text) =>
        TransferAddress.TryParse(text, out TransferAddress? address, out string? problem) ? address : throw new FormatException(problem);

    /// <summary>A run of a process: the same number is the same run.</summary>
    public static Incarnation Run(int number) => new(new Guid(number, 0, 0, new byte[8]));

    public static Member Member(NodeId node, Incarnation run, string location) => new(node, run)
    {
        DataAddresses = [$"{node}.example:7402"],
        Locations = [new MemberLocation(new LocationName(location), ReadOnly: false)],
    };

    public static IReadOnlyList<Member> Members(int runOfA = 1, int runOfB = 1) => [Member(A, Run(runOfA), "src"), Member(B, Run(runOfB), "dst")];

    public static TransferEvents.Submitted Submitted() => new(Id, Request, "tree", Noon);

    public static TransferEvents.SessionGiven Given(uint session) => new(
        new Epoch(1, session), new SessionId(0x1234 + session), [.. Enumerable.Range(0, 32).Select(i => (byte)i)], A, Run(1), B, Run(1), ["b.example:7402"], Noon);

    public static FileIssue Issue(string path, Reason reason, FileState state = FileState.Skipped) => new(path, state, new Problem(reason, $"{path}: {reason}"));
}
