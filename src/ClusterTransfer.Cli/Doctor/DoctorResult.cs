using System.Text.Json;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Doctor;

/// <summary>The checks as a result.</summary>
internal static class DoctorResult
{
    private static readonly string Indent = new(' ', 20);

    public static Result Of(IReadOnlyList<Check> checks, int exitCode) => new()
    {
        Document = () => JsonText.Of(json =>
        {
            json.WriteString("status", Word(checks.Max(check => check.Status)));
            json.WriteNumber("exitCode", exitCode);
            json.WriteStartArray("items");
            foreach (Check check in checks)
            {
                json.WriteStartObject();
                Write(json, check);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }),
        Lines = () => checks.Select(check => JsonText.Of(json => Write(json, check))),
        Text = (output, _) => Write(output, checks),
    };

    private static void Write(TextWriter output, IReadOnlyList<Check> checks)
    {
        foreach (Check check in checks)
        {
            output.WriteLine(PathText.EscapeControls($"{Word(check.Status),-6}{check.Name,-14}{check.Detail}"));
            if (check.Remedy is { } remedy)
            {
                output.WriteLine(PathText.EscapeControls($"{Indent}to do: {remedy}"));
            }
        }

        int failed = checks.Count(check => check.Status == CheckStatus.Fail), warned = checks.Count(check => check.Status == CheckStatus.Warn);
        output.WriteLine(failed + warned == 0 ? "All is well." : $"{failed} failed, {SettingsChecks.Count(warned, "warning")}.");
    }

    private static void Write(Utf8JsonWriter json, Check check)
    {
        json.WriteString("name", check.Name);
        json.WriteString("status", Word(check.Status));
        json.WriteString("detail", check.Detail);
        json.WriteString("remedy", check.Remedy);
        json.WriteString("code", check.Failure?.Code);
        json.WriteNumber("exitCode", check.Failure?.ExitCode ?? 0);
    }

    private static string Word(CheckStatus status) => status.ToString().ToLowerInvariant();
}
