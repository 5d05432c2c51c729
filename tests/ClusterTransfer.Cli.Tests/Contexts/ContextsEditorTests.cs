using ClusterTransfer.Cli.Contexts;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Settings;
using ClusterTransfer.Cli.Terminal;

namespace ClusterTransfer.Cli.Tests.Contexts;

/// <summary>Changes of a file that a person wrote.</summary>
public sealed class ContextsEditorTests : IDisposable
{
    private readonly UserWorld _world = new();
    private readonly Signals _signals = new();

    public void Dispose()
    {
        _signals.Dispose();
        _world.Dispose();
    }

    [Theory]
    [InlineData("", "current = \"new\"\n")]
    [InlineData("# a\n# b\n\nclient.progress = none\n", "# a\n# b\ncurrent = \"new\"\n\nclient.progress = none\n")]
    [InlineData("current: old // why\n", "current: \"new\" // why\n")]
    [InlineData("current = \"old\", client.progress = none", "current = \"new\", client.progress = none")]
    [InlineData("{\n  current = old\n}\n", "{\n  current = \"new\"\n}\n")]
    [InlineData("{ \"current\": \"old\" }", "{ \"current\": \"new\" }")]
    [InlineData("current = old\ncurrent = older\n", "current = old\ncurrent = \"new\"\n")]
    public async Task Use_ChangesOnlyThat(string before, string after) => Assert.Equal(after, await EditAsync(before, editor => editor.Use("new")));

    [Theory]
    [InlineData("contexts.lab.node = \"http://a:1\"", "contexts.lab.node = \"http://b:2\"")]
    [InlineData("contexts { lab { node = a\" # \"b } }\n", "contexts { lab { node = \"http://b:2\" } }\n")]
    [InlineData("contexts.lab { output = json }", "contexts.lab { output = json }\ncontexts.lab.node = \"http://b:2\"\n")]
    [InlineData("contexts.lab { node = ${?NOWHERE} }\n", "contexts.lab { node = \"http://b:2\" }\n")]
    [InlineData("contexts.lab { node = \"\"\"http://a:1\"\"\" # {\n}\n", "contexts.lab { node = \"http://b:2\" # {\n}\n")]
    [InlineData("contexts { lab : { node : \"a#b,}\" } }\n", "contexts { lab : { node : \"http://b:2\" } }\n")]
    public async Task Set_ChangesOnlyThat(string before, string after) =>
        Assert.Equal(after, await EditAsync(before, editor => editor.Set("lab", (SettingsTable.Node, "http://b:2"))));

    [Fact]
    public async Task Set_OfANewContext_AddsABlock() => Assert.Equal(
        "client.progress = none\ncontexts.lab {\n  node = \"http://b:2\"\n  token-file = \"/a \\\"b\\\"\"\n}\n",
        await EditAsync("client.progress = none", editor => editor.Set("lab", (SettingsTable.Node, "http://b:2"), (SettingsTable.TokenFile, "/a \"b\""))));

    [Theory]
    [InlineData("contexts { lab { token-file = a, node = \"http://b:2\" } }\n", "contexts { lab {  node = \"http://b:2\" } }\n")]
    [InlineData("contexts.lab.token-file = a\ncontexts.lab.node = \"http://b:2\"\n", "contexts.lab.node = \"http://b:2\"\n")]
    [InlineData("contexts.lab {\n  token-file = a # mine\n  node = \"http://b:2\"\n}\n", "contexts.lab {\n   # mine\n  node = \"http://b:2\"\n}\n")]
    public async Task Set_OfNull_TakesTheKeyAway(string before, string after) =>
        Assert.Equal(after, await EditAsync(before, editor => editor.Set("lab", (SettingsTable.TokenFile, null))));

    [Theory]
    [InlineData("contexts {\n  lab { node = a, cp { conflict = skip } }\n  far.node = b\n}\n", "contexts {\n  far.node = b\n}\n")]
    [InlineData("contexts.lab.node = a\ncontexts.far.node = b\ncontexts.lab.output = json\n", "contexts.far.node = b\n")]
    [InlineData("current = lab\ncontexts { lab { node = a }, far { node = b } }\n", "contexts {  far { node = b } }\n")]
    [InlineData("contexts { far { node = b }, lab { node = a } }", "contexts { far { node = b },  }")]
    public async Task Remove_TakesOnlyThat(string before, string after) => Assert.Equal(after, await EditAsync(before, editor => editor.Remove("lab")));

    // The value of one hangs on the other, or the text comes from another file: better no change than a wrong one.
    [Theory]
    [InlineData("contexts { lab { node = a }, far = ${contexts.lab} { output = json } }")]
    [InlineData("include \"more\"\n")]
    [InlineData("{ \"contexts\": { \"lab\": ${?NOTHING} { \"node\": \"a\" } } }")]
    public async Task Remove_ThatWouldChangeMore_IsLeftToThePerson(string before)
    {
        _world.WriteContexts(before);
        PrivateText.Write(_world["config", "clustertransfer", "more.conf"], "contexts.lab.node = a");
        using ContextsEditor editor = await OpenAsync();

        CliException refused = Assert.Throws<CliException>(() => editor.Remove("lab"));

        Assert.Contains("cannot change without risk", refused.Message, StringComparison.Ordinal);
        Assert.Contains("nothing of contexts.lab", refused.Remedy, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(_world.ContextsFile));
    }

    [Fact]
    public async Task Save_ThroughALink_ReplacesItsTarget()
    {
        PrivateText.Write(_world["dotfiles", "ct.conf"], "# mine\n");
        Directory.CreateDirectory(Path.GetDirectoryName(_world.ContextsFile)!);
        File.CreateSymbolicLink(_world.ContextsFile, _world["dotfiles", "ct.conf"]);

        using (ContextsEditor editor = await OpenAsync())
        {
            editor.Use("lab");
            editor.Save();
        }

        Assert.NotNull(File.ResolveLinkTarget(_world.ContextsFile, returnFinalTarget: false));
        Assert.Equal("# mine\ncurrent = \"lab\"\n", File.ReadAllText(_world["dotfiles", "ct.conf"]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Outline_OfAnyText_Ends(int seed)
    {
        var random = new Random(seed);
        string letters = "ab.\"{}[]=:+,#/\\$\n \t";
        for (int run = 0; run < 2000; run++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => letters[random.Next(letters.Length)]));
            Assert.All(ContextsOutline.Of(text), entry => Assert.True(
                entry.Start >= 0 && entry.Start <= entry.ValueStart && entry.ValueStart <= entry.End && entry.End <= text.Length, $"{entry} in {text}"));
        }
    }

    private async Task<string> EditAsync(string before, Action<ContextsEditor> edit)
    {
        _world.WriteContexts(before);
        using ContextsEditor editor = await OpenAsync();
        edit(editor);
        editor.Save();
        return File.ReadAllText(_world.ContextsFile);
    }

    private Task<ContextsEditor> OpenAsync() => ContextsEditor.OpenAsync(
        new CliHost
        {
            Out = TextWriter.Null, Error = TextWriter.Null, In = TextReader.Null, Signals = _signals, CurrentFolder = _world.Folder,
            Variable = name => name == "XDG_CONFIG_HOME" ? _world["config"] : null, RunNode = (_, _, _) => Task.FromResult(0),
        },
        CancellationToken.None);
}
