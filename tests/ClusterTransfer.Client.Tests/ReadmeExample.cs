using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Client.Tests;

/// <summary>The example of the client's README, compiled; a test compares the two.</summary>
internal static class ReadmeExample
{
    public static async Task<int> RunAsync(string[] args)
    {
        // README begins
        await using var client = new ClusterTransferClient(new ClientOptions { Address = new Uri(args[0]), Token = await File.ReadAllTextAsync(args[1]) });
        var wanted = new SubmitTransfer { Source = "src:photos/2024", Destination = "beta:archive", Conflict = ConflictPolicy.Skip };
        TransferResource transfer = await client.SubmitAsync(wanted, idempotencyKey: "photos-2024");
        await foreach (TransferEvent happened in client.WatchAsync(transfer.Id))
        {
            transfer = happened.Transfer;
            TransferProgress progress = transfer.Progress;
            Console.WriteLine($"{happened.Kind}: {progress.BytesDurable:N0} of {progress.BytesFound:N0} bytes, {transfer.CurrentRate:N0} a second");
        }

        foreach (FileIssue issue in transfer.Issues)
        {
            Console.WriteLine($"not delivered: {issue.Path}: {issue.Problem.Detail}");
        }

        return transfer.ExitCode ?? 1;
        // README ends
    }
}
