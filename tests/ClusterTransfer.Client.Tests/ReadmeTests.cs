using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Tests.Api;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Client.Tests;

public sealed class ReadmeTests
{
    [Fact]
    public void Example_IsTheOneThatIsCompiled()
    {
        string readme = File.ReadAllText(Repository("src", "ClusterTransfer.Client", "README.md")).Split("```csharp\n")[1].Split("```")[0];
        string source = File.ReadAllText(Repository("tests", "ClusterTransfer.Client.Tests", "ReadmeExample.cs"));
        string[] compiled = source.Split("// README begins\n")[1].Split("        // README ends")[0].Split('\n');

        Assert.Equal(string.Join('\n', compiled.Select(line => line.Length > 8 ? line[8..] : line.Trim())), readme);
    }

    [Fact]
    public async Task Example_Runs()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var folder = new TestFolder();
        File.WriteAllText(folder["api-token"], ApiTestServer.TokenText + "\n");
        server.Transfers.Submitted = transfer => server.Transfers.Publish(transfer.Id, "partial", "Partly delivered.", Samples.Partial);

        int exitCode = await ReadmeExample.RunAsync([server.Address.ToString(), folder["api-token"]]).WithinDeadline();

        (SubmitTransfer body, string? key) = Assert.Single(server.Transfers.Submits);
        Assert.Equal((4, "src:photos/2024", ConflictPolicy.Skip, "photos-2024"), (exitCode, body.Source, body.Conflict, key));
    }

    private static string Repository(params string[] path)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ClusterTransfer.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine([folder?.FullName ?? throw new InvalidOperationException("The tests must run from inside the repository."), .. path]);
    }
}
