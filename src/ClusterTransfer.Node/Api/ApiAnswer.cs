using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using Microsoft.AspNetCore.Http;

namespace ClusterTransfer.Node.Api;

/// <summary>Writes answers: resources as JSON, failures as problem details (RFC 9457).</summary>
internal static class ApiAnswer
{
    public static Task WriteAsync<T>(HttpContext context, T body, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) =>
        WriteJsonAsync(context, JsonSerializer.SerializeToUtf8Bytes(body, type), status);

    public static Task WriteJsonAsync(HttpContext context, byte[] json, int status = StatusCodes.Status200OK) =>
        WriteBytesAsync(context, json, "application/json; charset=utf-8", status);

    public static Task WriteTextAsync(HttpContext context, string text) =>
        WriteBytesAsync(context, System.Text.Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8", StatusCodes.Status200OK);

    /// <summary>Answers with a problem; the status is the catalogue's unless one is given.</summary>
    public static Task WriteProblemAsync(HttpContext context, Problem problem, int? status = null)
    {
        ProblemResource resource = ToResource(problem, status);
        if (resource.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        if (RetryAfter(resource.Status) is { } wait)
        {
            context.Response.Headers.RetryAfter = ((int)wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(resource, ApiJson.Default.ProblemResource);
        return WriteBytesAsync(context, bytes, "application/problem+json; charset=utf-8", resource.Status);
    }

    public static ProblemResource ToResource(Problem problem, int? status = null)
    {
        ReasonInfo info = problem.Reason.Info();
        return new ProblemResource
        {
            Type = $"{ProblemCatalogue.Root}/{info.Code}",
            Title = info.Title,

            // Some reasons are outcomes of a transfer and have a 2xx status there; thrown at a caller they are a failure all the same.
            Status = status ?? (info.HttpStatus >= 400 ? info.HttpStatus : StatusCodes.Status500InternalServerError),
            Detail = problem.Detail,
            Code = info.Code,
            Remedy = info.Remedy,
            ExitCode = info.ExitCode,
        };
    }

    // A place under a limit is free again as soon as a request ends; a node or a hub that went away needs longer to come back.
    private static TimeSpan? RetryAfter(int status) => status switch
    {
        StatusCodes.Status429TooManyRequests => TimeSpan.FromSeconds(1),
        StatusCodes.Status503ServiceUnavailable => TimeSpan.FromSeconds(5),
        _ => null,
    };

    private static async Task WriteBytesAsync(HttpContext context, byte[] bytes, string contentType, int status)
    {
        HttpResponse response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(bytes, context.RequestAborted);
        }
    }
}
