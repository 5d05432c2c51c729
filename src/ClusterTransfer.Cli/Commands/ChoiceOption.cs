using System.CommandLine;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Commands;

/// <summary>An option with a closed set of words; the first is the default. A wrong word is answered with the nearest right one.</summary>
internal sealed class ChoiceOption : Option<string>
{
    public ChoiceOption(string name, string? alias, string description, params string[] words)
        : base(name, alias is null ? [] : [alias])
    {
        Words = words;
        Description = description;
        HelpName = string.Join('|', words);
        DefaultValueFactory = _ => words[0];
        CompletionSources.Add(words);
        Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var word }, ..] && Problem(word) is { } problem)
            {
                result.AddError(problem.What);
            }
        });
    }

    public IReadOnlyList<string> Words { get; }

    /// <summary>What is wrong with a word, and what to do about it; null when it is one of <see cref="Words"/>.</summary>
    public (string What, string Remedy)? Problem(string word)
    {
        if (Words.Contains(word, StringComparer.Ordinal))
        {
            return null;
        }

        string all = string.Join(", ", Words);
        string shown = PathText.Escape(word.Length > 64 ? word[..64] + "..." : word);
        return ($"{Name} is '{shown}'.", Nearest.Of(word, Words) is { } near ? $"did you mean '{near}'? Else one of {all}." : $"Give one of {all}.");
    }
}
