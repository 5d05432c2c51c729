using System.CommandLine;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;
using ClusterTransfer.Transport.Identity;

namespace ClusterTransfer.Cli.Commands;

/// <summary><c>ct pki init|issue</c>: files on this machine, no node involved.</summary>
internal static class PkiCommands
{
    public static void AddTo(RootCommand root, CommandTree tree) =>
        root.Add(tree.Group("pki", "The cluster's certificates.", tree.OffersNoNames(Init(tree)), tree.OffersNoNames(Issue(tree))));

    private static Command Init(CommandTree tree)
    {
        var folder = new Option<string>("--out") { Description = "Folder for ca.crt and ca.key.", HelpName = "DIR", Required = true };
        var name = new Option<string>("--name") { Description = "Name of the cluster, for people.", HelpName = "NAME", DefaultValueFactory = _ => "ClusterTransfer" };
        return tree.Local(
            "init",
            "Makes a certificate authority for a new cluster.",
            "ct pki init --out pki --name lab",
            (parsed, _) =>
            {
                string path = Path.GetFullPath(parsed.GetRequiredValue(folder), tree.Host.CurrentFolder);
                Write(tree, ClusterAuthority.Create(path, parsed.GetRequiredValue(name), tree.Host.Time));
                tree.Messages.Say($"Keep {ClusterAuthority.KeyFileName} to yourself: nodes need only {ClusterAuthority.CertificateFileName}.");
                return Task.FromResult(0);
            },
            folder, name);
    }

    private static Command Issue(CommandTree tree)
    {
        var node = new Argument<string>("NODE") { Description = "Name of the node." };
        var authority = new Option<string>("--authority") { Description = "Folder of ca.crt and ca.key.", HelpName = "DIR", Required = true };
        var folder = new Option<string>("--out") { Description = "Folder for NODE.crt and NODE.key.", HelpName = "DIR", Required = true };
        var hosts = new Option<string[]>("--host") { Description = "Host name or address of the node; may be repeated.", HelpName = "HOST" };
        return tree.Local(
            "issue",
            "Issues the certificate of a node.",
            "ct pki issue beta --authority pki --out beta/tls --host beta.example",
            (parsed, _) =>
            {
                string text = parsed.GetRequiredValue(node);
                if (!NodeId.TryParse(text, null, out NodeId id))
                {
                    throw new CliException(Reason.InvalidRequest, $"'{PathText.Escape(text)}' is not a node name.", "Use 1 to 63 of a-z, 0-9 and '-', not starting or ending with '-'.");
                }

                string from = Path.GetFullPath(parsed.GetRequiredValue(authority), tree.Host.CurrentFolder);
                string to = Path.GetFullPath(parsed.GetRequiredValue(folder), tree.Host.CurrentFolder);
                Write(tree, ClusterAuthority.Issue(from, id, parsed.GetValue(hosts) ?? [], to, tree.Host.Time));
                return Task.FromResult(0);
            },
            node, authority, folder, hosts);
    }

    private static void Write(CommandTree tree, IssuedFiles files) => tree.Results.Write(new Result
    {
        Document = () => JsonText.Of(json =>
        {
            json.WriteString("certificate", PathText.Escape(files.CertificateFile));
            json.WriteString("key", PathText.Escape(files.KeyFile));
            json.WriteString("validUntil", files.NotAfter);
            json.WriteString("sha256", files.Fingerprint);
        }),
        Text = (output, _) =>
        {
            output.WriteLine($"certificate  {PathText.Escape(files.CertificateFile)}");
            output.WriteLine($"key          {PathText.Escape(files.KeyFile)}");
            output.WriteLine($"valid until  {Units.Time(files.NotAfter)}");
            output.WriteLine($"sha256       {files.Fingerprint}");
        },
    });
}
