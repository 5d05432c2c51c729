using ClusterTransfer.Model;
using ClusterTransfer.Node.Api;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Node.Tests.Api;

public sealed class ApiTokenTests
{
    [Fact]
    public void LoadOrCreate_MakesAPrivateFile_AndReadsItAgain()
    {
        using var folder = new TestFolder();
        string file = folder["api-token"];

        ApiToken made = ApiToken.LoadOrCreate(file);
        ApiToken read = ApiToken.LoadOrCreate(file);

        string text = File.ReadAllText(file).Trim();
        Assert.Equal(43, text.Length);
        Assert.True(made.Matches(text));
        Assert.True(read.Matches(text));
        Assert.False(read.Matches(text + "x"));
        Assert.Equal([file], Directory.GetFiles(folder.Path));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public void LoadOrCreate_WhenOthersCanRead_IsRefusedWithRemedy()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "File modes are a matter of Unix.");
        using var folder = new TestFolder();
        string file = folder["api-token"];
        ApiToken.LoadOrCreate(file);
#pragma warning disable CA1416 // Skipped on Windows above.
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
#pragma warning restore CA1416

        ClusterTransferException error = Assert.Throws<ClusterTransferException>(() => ApiToken.LoadOrCreate(file));

        Assert.Equal(Reason.NotPermitted, error.Reason);
        Assert.Contains("chmod 600", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("q7J0bq2dS5yLrV3nXk8wTz1aUe4mHc6oPgRfYiBsD9E=extra!")]
    public void LoadOrCreate_WhenTheFileHoldsNoToken_IsRefused(string content)
    {
        using var folder = new TestFolder();
        string file = folder["api-token"];
        ApiToken.LoadOrCreate(file);
        File.WriteAllText(file, content);

        ClusterTransferException error = Assert.Throws<ClusterTransferException>(() => ApiToken.LoadOrCreate(file));

        Assert.Contains("holds no token", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadOrCreate_WhenTheFolderIsMissing_NamesTheFile()
    {
        using var folder = new TestFolder();

        ClusterTransferException error = Assert.Throws<ClusterTransferException>(() => ApiToken.LoadOrCreate(folder["none", "api-token"]));

        Assert.Contains("api-token", error.Message, StringComparison.Ordinal);
    }
}
