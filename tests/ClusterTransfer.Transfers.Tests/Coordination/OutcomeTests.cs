using ClusterTransfer.Model;
using ClusterTransfer.Transfers.Coordination;

namespace ClusterTransfer.Transfers.Tests.Coordination;

public sealed class OutcomeTests
{
    [Theory]
    [InlineData(1, TransferState.Failed, Reason.DestinationExists)]
    [InlineData(2, TransferState.Partial, Reason.PartlyDelivered)]
    public void OnlyFile_NotDelivered_FailsAloneAndIsPartOfATree(int entries, TransferState state, Reason reason)
    {
        var request = new TransferRequest(Address("src:x"), Address("dst:"));
        FileIssue[] issues = [new FileIssue("x", FileState.Skipped, new Problem(Reason.DestinationExists, "'dst:x' exists."))];

        (TransferState State, Problem? Problem, IReadOnlyList<FileIssue> Issues) outcome = Outcome.OfCompleted(
            request, new TransferProgress { FilesSkipped = 1 }, issues, new TransferProgress { EntriesFound = entries, FilesFound = 1 }, []);

        Assert.Equal((state, reason), (outcome.State, outcome.Problem!.Reason));
        Assert.Equal(issues, outcome.Issues);
    }

    private static TransferAddress Address(string text) =>
        TransferAddress.TryParse(text, out TransferAddress? address, out string? problem) ? address : throw new ArgumentException(problem, nameof(text));
}
