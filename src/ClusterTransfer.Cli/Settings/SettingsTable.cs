using System.CommandLine;

namespace ClusterTransfer.Cli.Settings;

/// <summary>Every flag of <c>ct</c>: its key, its variable, its default, what it may be. A flag that is not here fails a test.</summary>
internal static class SettingsTable
{
    public static readonly Setting Node = new("node", NodeAddress.Default, SettingKind.Address, "--node") { IsFound = true };
    public static readonly Setting TokenFile = new("token-file", null, SettingKind.File, "--token-file") { IsFound = true };
    public static readonly Setting Context = new("context", null, SettingKind.Text, "--context") { InContexts = false, IsFound = true };
    public static readonly Setting Output = Setting.Of("--output", "table");
    public static readonly Setting CompletionLimit = new("complete.time-limit", "1s", SettingKind.Duration, "complete --time-limit") { InContexts = false };

    /// <summary>All of them, in the order in which they are shown.</summary>
    public static readonly Setting[] All =
    [
        Context,
        Node,
        TokenFile,
        Output,
        Setting.Of("--progress", "auto"),

        Setting.Of("cp --conflict", "fail"),
        Setting.Of("cp --durability", "flushed"),
        Setting.Of("cp --connections", null, SettingKind.WholeNumber(1, 16)),
        Setting.Of("cp --connection-policy", "flexible"),
        Setting.Of("cp --limit", null, SettingKind.Rate),
        Setting.Of("cp --weight", "10", SettingKind.WholeNumber(1, 100)),
        Setting.Of("cp --detach", "false"),
        Setting.Of("cp --fail-on-wait", "false"),
        Setting.Of("chunks --failed", "false"),
        Setting.Of("events --follow", "false"),
        Setting.Of("ls --state", null, SettingKind.States),
        Setting.Of("ls --location", null, SettingKind.Location),
        Setting.Of("ls --on", null, SettingKind.Node),
        Setting.Of("ls --since", null, SettingKind.Time),
        Setting.Of("ls --sort", "newest"),
        Setting.Of("ls --limit", "20", SettingKind.WholeNumber(1, 200)),
        Setting.Of("wait --for", null, SettingKind.AwaitedState),
        Setting.Of("wait --timeout", null, SettingKind.Duration),
        Setting.Of("wait --fail-on-wait", "false"),
        Setting.Of("watch --fail-on-wait", "false"),

        CompletionLimit,

        // One node's configuration, whoever reads it. The node itself asks no context: it runs without its operator's folders.
        new("config", null, SettingKind.File, "config get --config", "config explain --config", "node run --config"),
        Setting.Of("pki init --out", null, SettingKind.Folder),
        Setting.Of("pki init --name", "ClusterTransfer"),
        Setting.Of("pki issue --authority", null, SettingKind.Folder),
        Setting.Of("pki issue --out", null, SettingKind.Folder),
    ];

    /// <summary>Flags that only a person or a script may give, each time anew, and why. A star stands for every verb.</summary>
    public static readonly IReadOnlyDictionary<string, string> Excluded = new Dictionary<string, string>
    {
        ["* --yes"] = "It answers a question that protects from loss; said in advance it would protect from nothing.",
        ["* --all"] = "It means more than was named; who wants that says so.",
        ["retry --files"] = "Files of one transfer; another has others.",
        ["retry --chunks"] = "Chunks of one transfer; another has others.",
        ["* --set"] = "Every key of the node has a variable of its own.",
        ["events --after"] = "A place in the story of one transfer; of another one it would hide the beginning.",
        ["complete --current"] = "Between ct and the scripts of 'ct completion'.",
        ["cp --as"] = "The name of one result; every copy would get it.",
        ["cp --idempotency-key"] = "It stands for one request; the next copy would be taken for the same one and never start.",
        ["limit --on"] = "Which node is limited is said each time; a limit meant for a transfer would be that of a node.",
        ["limit --to"] = "It goes with --on.",
        ["login --token-stdin"] = "Standard input is there once, for who knows of it.",
        ["pki issue --host"] = "The hosts of one node; they would be in every node's certificate.",
    };

    /// <summary>The setting of a flag, named with its verb; null when there is none.</summary>
    public static Setting? OfFlag(string flag)
    {
        foreach (Setting setting in All)
        {
            foreach (string own in setting.Flags)
            {
                if (own == flag)
                {
                    return setting;
                }
            }
        }

        return null;
    }

    /// <summary>The setting of an option that a command knows, its own or a parent's; null when there is none.</summary>
    public static Setting? OfOption(Command command, Option option)
    {
        Command? owner = command;
        while (owner is not null && !owner.Options.Contains(option))
        {
            owner = ParentOf(owner);
        }

        string flag = option.Name;
        for (; owner is not (null or RootCommand); owner = ParentOf(owner))
        {
            flag = $"{owner.Name} {flag}";
        }

        return OfFlag(flag);
    }

    /// <summary>The setting with that key, with or without <c>client.</c> before it; null when there is none.</summary>
    public static Setting? OfKey(string key) => All.FirstOrDefault(setting => setting.Key == key || setting.ContextKey == key);

    private static Command? ParentOf(Command command) => command.Parents.OfType<Command>().FirstOrDefault();
}
