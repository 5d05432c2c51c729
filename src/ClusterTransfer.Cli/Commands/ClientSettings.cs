using System.CommandLine;
using System.Text;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Terminal;
using ClusterTransfer.Client;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Commands;

/// <summary>Which node is asked with which token: flag before environment before default.</summary>
internal static class ClientSettings
{
    private const string DefaultAddress = "http://127.0.0.1:7400";
    private const int MaxTokenBytes = 1024;

    public static ClusterTransferClient Connect(CliHost host, CommonOptions common, ParseResult parsed)
    {
        string address = parsed.GetValue(common.Node) ?? host.Variable("CT_NODE") ?? DefaultAddress;
        if (!Uri.TryCreate(address.Contains("://", StringComparison.Ordinal) ? address : $"http://{address}", UriKind.Absolute, out Uri? uri)
            || uri.Scheme is not ("http" or "https"))
        {
            throw new CliException(Reason.InvalidRequest, $"'{PathText.Escape(address)}' is not the address of a node.", $"Write it as {DefaultAddress}.");
        }

        return new ClusterTransferClient(new ClientOptions { Address = uri, Token = Token(host, parsed.GetValue(common.TokenFile)), TimeProvider = host.Time });
    }

    private static string? Token(CliHost host, string? flag)
    {
        if (flag is not null)
        {
            return Read(flag, host.CurrentFolder);
        }

        if (host.Variable("CT_TOKEN") is { } token)
        {
            return Check(token.Trim(), "CT_TOKEN");
        }

        if (host.Variable("CT_TOKEN_FILE") is { } file)
        {
            return Read(file, host.CurrentFolder);
        }

        // Where a node that was told nothing else keeps it. Without it we ask without a token: the node says best what is missing.
        string? state = host.Variable("XDG_STATE_HOME") ?? (host.Variable("HOME") is { } home ? Path.Combine(home, ".local", "state") : null);
        string? standard = state is null ? null : Path.Combine(state, "clustertransfer", "api-token");
        return standard is not null && File.Exists(standard) ? Read(standard, host.CurrentFolder) : null;
    }

    private static string Read(string file, string currentFolder)
    {
        try
        {
            using FileStream stream = File.OpenRead(Path.GetFullPath(file, currentFolder));
            byte[] bytes = new byte[MaxTokenBytes];
            int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return Check(Encoding.UTF8.GetString(bytes, 0, length).Trim(), $"The token file {PathText.Escape(file)}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CliException(
                Reason.NotAuthenticated,
                $"The token file {PathText.Escape(file)} cannot be read: {PathText.Escape(error.Message)}",
                "Give the node's token with --token-file or CT_TOKEN_FILE; the node makes it at its first start.");
        }
    }

    // Anything else would be refused by the header it travels in, with a worse message.
    private static string Check(string token, string source) => token.Length > 0 && token.All(c => c is > ' ' and <= '~')
        ? token
        : throw new CliException(Reason.NotAuthenticated, $"{source} holds no token.", "A token is one line of printable ASCII characters; give the one of the node.");
}
