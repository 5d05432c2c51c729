using ClusterTransfer.Benchmarks.Transfer.Servers;

namespace ClusterTransfer.Benchmarks.Transfer.Tools;

/// <summary>Every tool that can be compared. Another one is a class and a line here.</summary>
internal static class Catalogue
{
    public static IReadOnlyList<Tool> All { get; } =
    [
        new CtTool(plain: false),
        new CtTool(plain: true),
        new RsyncDaemonTool(flushes: false),
        new RsyncDaemonTool(flushes: true),
        new RsyncSshTool(),
        new ScpTool(),
        new CurlTool(encrypts: false),
        new CurlTool(encrypts: true),
        new RcloneTool("webdav"),
        new RcloneTool("http"),
        new RcloneTool("sftp"),
        new Aria2Tool(encrypts: false),
        new Aria2Tool(encrypts: true),
        new CopyTool(),
    ];

    /// <summary>Programs that a tool takes and this machine has not.</summary>
    public static IReadOnlyList<Need> Missing(Tool tool) => [.. tool.Needs.Where(need => Programs.Find(need.Program) is null)];

    /// <summary>What to type for programs that are missing.</summary>
    public static string HowToInstall(IEnumerable<Need> missing) => "apt-get install " + string.Join(' ', missing.Select(need => need.Package).Distinct());
}
