using System.Globalization;
using ClusterTransfer.Benchmarks.Transfer.Processes;
using ClusterTransfer.Benchmarks.Transfer.Tools;

namespace ClusterTransfer.Benchmarks.Transfer.Servers;

/// <summary>An sshd with keys of its own, which are deleted with the stage, for the user who runs the benchmark.</summary>
/// <param name="Process">Its id.</param>
/// <param name="Port">Where it listens.</param>
/// <param name="KeyFile">The key it lets in.</param>
/// <param name="ClientFile">Configuration for <c>ssh -F</c> and <c>scp -F</c>; the host is called <see cref="Host"/>.</param>
internal sealed record SshServer(int Process, int Port, string KeyFile, string ClientFile)
{
    public const string Host = "source";

    /// <summary>The fastest that OpenSSH has where there is AES hardware; its default is ChaCha20-Poly1305.</summary>
    public const string Cipher = "aes128-gcm@openssh.com";

    public static IReadOnlyList<Need> Needs { get; } = [new("sshd", "openssh-server"), new("ssh", "openssh-client"), new("ssh-keygen", "openssh-client")];

    public static Task<SshServer> OfAsync(Stage stage, CancellationToken cancellationToken) => stage.ServerAsync(async () =>
    {
        int port = Stage.FreePort();
        string folder = stage.Folder("ssh");
        string hostKey = Path.Combine(folder, "host");
        string userKey = Path.Combine(folder, "user");
        string client = Path.Combine(folder, "client.conf");
        string server = Path.Combine(folder, "sshd.conf");
        foreach (string key in (string[])[hostKey, userKey])
        {
            await RunningProcess.CallAsync(new Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key), cancellationToken);
        }

        await File.WriteAllTextAsync(server, string.Create(CultureInfo.InvariantCulture, $"""
            ListenAddress {stage.Source.Address}
            Port {port}
            HostKey {hostKey}
            AuthorizedKeysFile {userKey}.pub
            AllowUsers {Environment.UserName}
            PermitRootLogin prohibit-password
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            StrictModes no
            UsePAM no
            PidFile none
            Subsystem sftp internal-sftp
            MaxStartups 100
            MaxSessions 100

            """), cancellationToken);
        await File.WriteAllTextAsync(client, string.Create(CultureInfo.InvariantCulture, $"""
            Host {Host}
              HostName {stage.Source.Address}
              Port {port}
              User {Environment.UserName}
              IdentityFile {userKey}
              IdentitiesOnly yes
              Ciphers {Cipher}
              StrictHostKeyChecking no
              UserKnownHostsFile /dev/null
              LogLevel ERROR
              ControlPath none

            """), cancellationToken);
        if (Environment.IsPrivilegedProcess)
        {
            Directory.CreateDirectory("/run/sshd");   // What sshd shuts its unprivileged part into; a service would have made it.
        }

        // It starts itself again for each connection and so insists on its full path.
        string program = Programs.Find("sshd") ?? throw new BenchmarkException("sshd is missing.");
        RunningProcess process = await stage.ServeAsync(stage.Source, new Command(program, "-D", "-e", "-f", server), port, cancellationToken);
        return new SshServer(process.Id, port, userKey, client);
    });
}
