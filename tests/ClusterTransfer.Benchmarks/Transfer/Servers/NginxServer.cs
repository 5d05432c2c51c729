using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterTransfer.Benchmarks.Transfer.Data;
using ClusterTransfer.Benchmarks.Transfer.Processes;
using ClusterTransfer.Benchmarks.Transfer.Tools;

namespace ClusterTransfer.Benchmarks.Transfer.Servers;

/// <summary>An nginx that serves the data plain and over TLS 1.3, with a certificate of its own.</summary>
/// <param name="Process">Its id.</param>
/// <param name="Plain">Address without encryption, ending in a slash.</param>
/// <param name="Encrypted">Address with TLS, ending in a slash.</param>
/// <param name="AuthorityFile">What clients trust.</param>
internal sealed record NginxServer(int Process, string Plain, string Encrypted, string AuthorityFile)
{
    public static IReadOnlyList<Need> Needs { get; } = [new("nginx", "nginx-light")];

    public static Task<NginxServer> OfAsync(Stage stage, CancellationToken cancellationToken) => stage.ServerAsync(async () =>
    {
        string folder = stage.Folder("nginx");
        string address = stage.Source.Address;
        int plain = Stage.FreePort();
        int encrypted = Stage.FreePort();
        string certificate = Path.Combine(folder, "server.crt");
        WriteCertificate(address, certificate, Path.Combine(folder, "server.key"));
        string user = Environment.IsPrivilegedProcess ? "user root;" : "";
        string config = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(config, string.Create(CultureInfo.InvariantCulture, $$"""
            {{user}}
            daemon off;
            worker_processes {{Environment.ProcessorCount}};
            pid {{folder}}/pid;
            error_log {{folder}}/error.log;
            events { worker_connections 1024; }
            http {
              access_log off;
              sendfile on;
              tcp_nopush on;
              keepalive_requests 1000000;
              client_body_temp_path {{folder}}/body;
              proxy_temp_path {{folder}}/proxy;
              fastcgi_temp_path {{folder}}/fastcgi;
              uwsgi_temp_path {{folder}}/uwsgi;
              scgi_temp_path {{folder}}/scgi;
              root "{{stage.DataFolder}}";
              server { listen {{address}}:{{plain}}; }
              server {
                listen {{address}}:{{encrypted}} ssl;
                ssl_certificate {{certificate}};
                ssl_certificate_key {{folder}}/server.key;
                ssl_protocols TLSv1.3;
              }
            }

            """), cancellationToken);
        string program = Programs.Find("nginx") ?? throw new BenchmarkException("nginx is missing.");
        RunningProcess process = await stage.ServeAsync(stage.Source, new Command(program, "-e", Path.Combine(folder, "error.log"), "-c", config), encrypted, cancellationToken);
        return new NginxServer(
            process.Id,
            string.Create(CultureInfo.InvariantCulture, $"http://{address}:{plain}/"),
            string.Create(CultureInfo.InvariantCulture, $"https://{address}:{encrypted}/"),
            certificate);
    });

    /// <summary>The address of a file of a data set, escaped.</summary>
    public static string Escape(string file) => string.Join('/', file.Split('/').Select(Uri.EscapeDataString));

    private static void WriteCertificate(string address, string certificateFile, string keyFile)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=benchmark", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Parse(address));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(7));
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
    }
}
