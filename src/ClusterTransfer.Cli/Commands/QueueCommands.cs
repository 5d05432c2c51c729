using System.CommandLine;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Client;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Commands;

/// <summary><c>ct queue show|pause|resume</c>: all transfers at once, those of later as well.</summary>
internal static class QueueCommands
{
    public static void AddTo(RootCommand root, CommandTree tree) => root.Add(tree.Group(
        "queue",
        "All transfers at once.",
        Create(tree, "show", "Shows whether the queue is paused, and which transfers wait for what.", static (client, token) => client.QueueAsync(token), QueueText.Write),
        Create(
            tree,
            "pause",
            "Holds all transfers, also those that are submitted later. What is wanted of each stays.",
            static (client, token) => client.PauseQueueAsync(token),
            static (output, queue, _) => output.WriteLine($"{QueueText.Sentence(queue)} Let them go on with 'ct queue resume'.")),
        Create(
            tree,
            "resume",
            "Lets all transfers go on, but for those that are paused themselves.",
            static (client, token) => client.ResumeQueueAsync(token),
            static (output, queue, _) => output.WriteLine(QueueText.Sentence(queue)))));

    private static Command Create(
        CommandTree tree,
        string name,
        string description,
        Func<ClusterTransferClient, CancellationToken, Task<QueueResource>> ask,
        Action<TextWriter, QueueResource, bool> text) => tree.Remote(name, description, $"ct queue {name}", async (context, cancellationToken) =>
    {
        QueueResource queue = await ask(context.Client, cancellationToken);
        context.Results.Count("waiting", queue.WaitingCount);
        context.Results.Count("running", queue.RunningCount);
        context.Results.Write(QueueText.Result(queue, text));
        if (queue.WaitingCount > queue.Waiting.Count)
        {
            context.Messages.Say($"The first {queue.Waiting.Count} of {queue.WaitingCount} that wait are listed.");
        }

        return 0;
    });
}
