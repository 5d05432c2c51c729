using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Configuration;
using Microsoft.AspNetCore.Http;

namespace ClusterTransfer.Node.Api;

/// <summary>The kinds of problems, as the API lists them and as the <c>type</c> of each problem answer resolves to.</summary>
internal static class ProblemCatalogue
{
    /// <summary>Path of a kind: this, and its code.</summary>
    public const string Root = "/problems";

    /// <summary>All kinds, by code.</summary>
    public static IReadOnlyList<ProblemKindResource> Kinds { get; } =
    [
        .. ReasonCatalogue.All.Where(pair => pair.Key != Reason.None).Select(pair => Kind(pair.Value)).OrderBy(kind => kind.Code, StringComparer.Ordinal),
    ];

    public static Task ListAsync(HttpContext context) =>
        ApiAnswer.WriteAsync(context, new ResourceList<ProblemKindResource>(Kinds), ApiJson.Default.ResourceListProblemKindResource);

    public static Task GetAsync(HttpContext context)
    {
        string code = context.Request.RouteValues["code"]?.ToString() ?? string.Empty;
        if (Kinds.FirstOrDefault(kind => kind.Code == code) is { } known)
        {
            return ApiAnswer.WriteAsync(context, known, ApiJson.Default.ProblemKindResource);
        }

        // A code is never taken away, so one that is not here is misspelt or of a later version.
        string remedy = NearestKey.Find(code, Kinds.Select(kind => kind.Code)) is { } near ? $"did you mean {near}?" : $"GET {ApiEndpoints.Root}/problems lists all.";
        return ApiAnswer.WriteProblemAsync(
            context, new Problem(Reason.VersionMismatch, $"This node knows no problem '{TransferHandlers.Shown(code)}'; {remedy}"), StatusCodes.Status404NotFound);
    }

    private static ProblemKindResource Kind(ReasonInfo info) =>
        new(info.Code, info.Title, info.HttpStatus, info.ExitCode, info.Class == ReasonClass.Transient, info.Remedy);
}
