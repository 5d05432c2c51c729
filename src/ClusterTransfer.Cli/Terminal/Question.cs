namespace ClusterTransfer.Cli.Terminal;

/// <summary>Asks the person at the terminal, and stops asking when a signal comes.</summary>
internal static class Question
{
    /// <summary>Whether somebody is there to answer.</summary>
    public static bool IsPossible(CliHost host) => host.IsInputTerminal && host.IsErrorTerminal;

    /// <summary>Asks for yes or no; anything but a yes is a no.</summary>
    /// <exception cref="OperationCanceledException">A signal came first.</exception>
    public static async Task<bool> ConfirmAsync(CliHost host, string question) =>
        (await AskAsync(host, $"{question} [y/N] ", host.In.ReadLine))?.Trim() is "y" or "Y" or "yes";

    /// <summary>Asks for a secret, which is not shown.</summary>
    /// <exception cref="OperationCanceledException">A signal came first.</exception>
    public static async Task<string?> SecretAsync(CliHost host, string prompt)
    {
        string? answer = await AskAsync(host, prompt, host.ReadSecret);
        host.Error.WriteLine();   // the Enter was not shown either
        return answer;
    }

    // A console read cannot be interrupted, so it runs aside; when a signal comes first the process ends and the read with it.
    private static async Task<string?> AskAsync(CliHost host, string prompt, Func<string?> read)
    {
        host.Error.Write(prompt);
        host.Error.Flush();
        return await Task.Run(read).WaitAsync(host.Signals.Token);
    }
}
