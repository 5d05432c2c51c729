using System.CommandLine;

namespace ClusterTransfer.Cli.Completion;

/// <summary>What the user is about to write: the word at the cursor, and what it belongs to.</summary>
internal sealed class CompletionPlace
{
    private readonly List<string> _values = [];
    private readonly HashSet<Option> _given = [];

    private CompletionPlace(Command command) => Command = command;

    /// <summary>The verb so far.</summary>
    public Command Command { get; private set; }

    /// <summary>The option or argument whose value is wanted; null when a verb or flag is.</summary>
    public Symbol? Symbol { get; private set; }

    /// <summary>What is written of the word that is replaced, after <see cref="Lead"/>.</summary>
    public string Word { get; private set; } = string.Empty;

    /// <summary>The beginning of the word that stays, such as <c>--conflict=</c>.</summary>
    public string Lead { get; private set; } = string.Empty;

    /// <summary>Whether a flag was begun.</summary>
    public bool IsFlag { get; private set; }

    /// <summary>Whether a verb is wanted.</summary>
    public bool IsVerb => Symbol is null && !IsFlag && _values.Count == 0;

    /// <summary>Values of arguments that are there already.</summary>
    public IReadOnlyCollection<string> Values => _values;

    /// <summary>Flags that may still be given here.</summary>
    public IEnumerable<Option> Flags => OptionsOf(Command).Where(option => !option.Hidden && (!_given.Contains(option) || option.Arity.MaximumNumberOfValues > 1));

    /// <summary>Reads the words behind <c>ct</c>; the last is the one at the cursor and may be empty.</summary>
    public static CompletionPlace Of(RootCommand root, IReadOnlyList<string> words)
    {
        var place = new CompletionPlace(root);
        bool onlyValues = false;
        Option? pending = null;
        foreach (string word in words.SkipLast(1))
        {
            if (pending is not null && !CanBeBare(pending, word))
            {
                pending = null;
            }
            else if (onlyValues || word.Length < 2 || word[0] != '-')
            {
                place.AddWord(word, onlyValues);
            }
            else if (word == "--")
            {
                onlyValues = true;
            }
            else
            {
                pending = place.AddFlag(word);
            }
        }

        place.ReadCurrent(words.Count > 0 ? words[^1] : string.Empty, pending, onlyValues);
        return place;
    }

    // A flag that means something without a value has none when another flag follows.
    private static bool CanBeBare(Option option, string next) => option.Arity.MinimumNumberOfValues == 0 && next.StartsWith('-');

    private void AddWord(string word, bool onlyValues)
    {
        if (!onlyValues && _values.Count == 0 && Command.Subcommands.FirstOrDefault(sub => sub.Name == word) is { } verb)
        {
            Command = verb;
        }
        else
        {
            _values.Add(word);
        }
    }

    // The option, when its value is the next word.
    private Option? AddFlag(string word)
    {
        if (Find(word.Split('=')[0]) is not { } option)
        {
            return null;
        }

        _given.Add(option);
        return word.Contains('=', StringComparison.Ordinal) || option.ValueType == typeof(bool) ? null : option;
    }

    private void ReadCurrent(string word, Option? pending, bool onlyValues)
    {
        Word = word;
        if (pending is not null && !CanBeBare(pending, word))
        {
            Symbol = pending;
        }
        else if (!onlyValues && word.StartsWith('-'))
        {
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && Find(word[..equals]) is { } option)
            {
                (Symbol, Lead, Word) = (option, word[..(equals + 1)], word[(equals + 1)..]);
            }
            else
            {
                IsFlag = true;
            }
        }
        else if (Command.Arguments.Count > 0)
        {
            Argument last = Command.Arguments[^1];
            Symbol = _values.Count < Command.Arguments.Count ? Command.Arguments[_values.Count] : last.Arity.MaximumNumberOfValues > 1 ? last : null;
        }
    }

    private Option? Find(string name) => OptionsOf(Command).FirstOrDefault(option => option.Name == name || option.Aliases.Contains(name));

    private static IEnumerable<Option> OptionsOf(Command command)
    {
        IEnumerable<Option> options = command.Options;
        for (Command? parent = command.Parents.OfType<Command>().FirstOrDefault(); parent is not null; parent = parent.Parents.OfType<Command>().FirstOrDefault())
        {
            options = options.Concat(parent.Options.Where(option => option.Recursive));
        }

        return options;
    }
}
