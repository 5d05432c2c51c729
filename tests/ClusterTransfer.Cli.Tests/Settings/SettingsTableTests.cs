using System.CommandLine;
using System.CommandLine.Help;
using ClusterTransfer.Cli.Commands;
using ClusterTransfer.Cli.Settings;
using ClusterTransfer.Cli.Terminal;
using ClusterTransfer.Node.Configuration;

namespace ClusterTransfer.Cli.Tests.Settings;

/// <summary>No flag without a key and a variable.</summary>
public sealed class SettingsTableTests : IDisposable
{
    private readonly Signals _signals = new();
    private readonly CommandTree _tree;

    public SettingsTableTests() => _tree = new CommandTree(new CliHost
    {
        Out = TextWriter.Null, Error = TextWriter.Null, In = TextReader.Null, Variable = _ => null, CurrentFolder = "/", Signals = _signals,
        RunNode = (_, _, _) => Task.FromResult(0),
    });

    public void Dispose() => _signals.Dispose();

    [Fact]
    public void EveryFlag_HasASettingOrAReasonToHaveNone()
    {
        string[] missing = [.. Flags().Where(flag => SettingsTable.OfFlag(flag.Name) is null && ReasonToHaveNone(flag.Name) is null).Select(flag => flag.Name)];

        Assert.True(
            missing.Length == 0,
            $"Add to {nameof(SettingsTable)}, with its default and, where the option does not tell, what it may be; or to its list of excluded flags with the reason: {string.Join("; ", missing)}");
    }

    [Fact]
    public void NoFlag_HasBoth() =>
        Assert.DoesNotContain(Flags(), flag => SettingsTable.OfFlag(flag.Name) is not null && ReasonToHaveNone(flag.Name) is not null);

    [Fact]
    public void EverySetting_IsOfAFlagThatExists() =>
        Assert.Empty(SettingsTable.All.SelectMany(setting => setting.Flags).Except(Flags().Select(flag => flag.Name)));

    [Fact]
    public void EveryExclusion_IsOfAFlagThatExists() => Assert.All(SettingsTable.Excluded.Keys, excluded => Assert.Contains(
        Flags(), flag => flag.Name == excluded || (excluded.StartsWith("* ", StringComparison.Ordinal) && flag.Name.EndsWith(excluded[1..], StringComparison.Ordinal))));

    [Fact]
    public void Defaults_AreThoseOfTheOptions()
    {
        foreach ((string name, Option option) in Flags())
        {
            if (SettingsTable.OfFlag(name) is { } setting && option.HasDefaultValue)
            {
                Assert.Equal((name, SettingKind.Of(option).Read(option.GetDefaultValue()?.ToString() ?? string.Empty)), (name, setting.Default));
            }
        }
    }

    [Fact]
    public void Defaults_AreOfTheirKind() => Assert.All(
        SettingsTable.All.Where(setting => setting.Default is not null),
        setting => Assert.Equal(setting.Default, (setting.Kind ?? SettingKind.Of(_tree.OptionOf(setting.Flags[0]))).Read(setting.Default!)));

    [Fact]
    public void Keys_AreNoSectionsOfOthers() => Assert.Empty(
        SettingsTable.All.Where(one => SettingsTable.All.Any(other => other.Key.StartsWith(one.Key + ".", StringComparison.Ordinal) || (other != one && other.Key == one.Key))).Select(one => one.Key));

    // 'ct node run' hears both.
    [Fact]
    public void Variables_AreNotThoseOfTheNodesConfiguration()
    {
        string[] ofNodes = [.. ConfigurationReport.Keys.Select(key => "CT_" + key.ToUpperInvariant().Replace('.', '_').Replace('-', '_'))];
        string[] ours = [.. SettingsTable.All.Select(setting => setting.Variable)];

        Assert.Contains("CT_API_LISTEN", ofNodes);
        Assert.Empty(ours.Intersect(ofNodes));
        Assert.Equal(ours.Length, ours.Distinct().Count());
        Assert.DoesNotContain("CT_TOKEN", ours);   // the token itself, which is no flag
    }

    [Theory]
    [InlineData("--node", "client.node", "CT_NODE")]
    [InlineData("--token-file", "client.token-file", "CT_TOKEN_FILE")]
    [InlineData("--context", "client.context", "CT_CONTEXT")]
    [InlineData("cp --conflict", "client.cp.conflict", "CT_CP_CONFLICT")]
    [InlineData("pki init --name", "client.pki.init.name", "CT_PKI_INIT_NAME")]
    [InlineData("config get --config", "client.config", "CT_CONFIG")]
    public void KeyAndVariable_FollowFromTheFlag(string flag, string key, string variable)
    {
        Setting setting = SettingsTable.OfFlag(flag)!;

        Assert.Equal((key, variable), (setting.Key, setting.Variable));
    }

    [Fact]
    public async Task EveryVerb_ShowsAnExampleAndWhereItsFlagsComeFrom()
    {
        foreach (string verb in Verbs(_tree.Root, string.Empty).Select(pair => pair.Verb).Distinct())
        {
            using var run = new CliRun();
            Assert.Equal(0, await run.RunAsync(null, [.. verb.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]));
            Assert.Contains($"Example:\n  ct {verb}".TrimEnd(), run.Out, StringComparison.Ordinal);
            Assert.Contains(" is CT_", run.Out, StringComparison.Ordinal);
        }
    }

    private static string? ReasonToHaveNone(string flag) =>
        SettingsTable.Excluded.GetValueOrDefault(flag) ?? SettingsTable.Excluded.GetValueOrDefault($"* {flag[(flag.LastIndexOf(' ') + 1)..]}");

    private IEnumerable<(string Name, Option Option)> Flags() =>
        Verbs(_tree.Root, string.Empty).SelectMany(pair => pair.Command.Options.Select(option => ($"{pair.Verb}{option.Name}", option)).Where(flag => flag.option is not HelpOption));

    private static IEnumerable<(string Verb, Command Command)> Verbs(Command command, string verb) =>
        command.Subcommands.SelectMany(sub => Verbs(sub, $"{verb}{sub.Name} ")).Prepend((verb, command));
}
