using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Completion;

/// <summary>A word that may stand where the user is.</summary>
/// <param name="Text">The word; one that ends with ':' or '=' goes on, so that no blank is put behind it.</param>
/// <param name="About">What it is, for shells that show it; null for nothing.</param>
internal sealed record Candidate(string Text, string? About = null)
{
    /// <summary>Asks the shell to offer its own file names as well.</summary>
    public static Candidate Files { get; } = new(":files");

    /// <summary>Asks the shell to offer its own folders as well.</summary>
    public static Candidate Folders { get; } = new(":folders");

    /// <summary>One line for the shell's script: the word, a tab, what it is.</summary>
    public string Line => About is null ? Text : $"{Text}\t{PathText.EscapeControls(About)}";
}
