using System.Net;
using System.Net.Http.Headers;
using ClusterTransfer.Model;
using ClusterTransfer.Node.Api.Description;
using ClusterTransfer.Node.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterTransfer.Node.Api;

/// <summary>Stands before every handler: who may ask, how much may be sent, and how failures are answered.</summary>
internal sealed class ApiGuard(ApiServerOptions options)
{
    private static readonly Problem Unforeseen = new(Reason.Unclassified, "The node met an error nobody foresaw; its log has the details.");

    /// <param name="handler">What answers.</param>
    /// <param name="operation">What it takes.</param>
    public RequestDelegate Wrap(Func<HttpContext, Task> handler, ApiOperation operation) => async context =>
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        try
        {
            if ((Refuse(context, operation) ?? RefuseUnknown(context.Request.Query, operation)) is { } problem)
            {
                await ApiAnswer.WriteProblemAsync(context, problem);
                return;
            }

            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            {
                size.MaxRequestBodySize = options.MaxBodyBytes;
            }

            await handler(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went away: there is nobody to answer.
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            await AnswerAsync(context, error);
        }
    };

    private static Task AnswerAsync(HttpContext context, Exception error)
    {
        switch (error)
        {
            case ClusterTransferException known:
                return ApiAnswer.WriteProblemAsync(context, known.Problem);
            case BadHttpRequestException bad:
                Reason reason = bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? Reason.LimitReached : Reason.InvalidRequest;
                return ApiAnswer.WriteProblemAsync(context, new Problem(reason, $"The request is refused: {PathText.Escape(bad.Message)}"), bad.StatusCode);
            default:
                ILoggerFactory? loggers = context.RequestServices?.GetService<ILoggerFactory>();
                (loggers?.CreateLogger("ClusterTransfer.Node.Api") ?? NullLogger.Instance).RequestFailed(
                    PathText.Escape(context.Request.Method), PathText.Escape(context.Request.Path.Value ?? string.Empty), error);
                return ApiAnswer.WriteProblemAsync(context, Unforeseen);
        }
    }

    private Problem? Refuse(HttpContext context, ApiOperation operation)
    {
        // A page of another site can make a browser resolve its own name to 127.0.0.1 and ask us; its Host header gives it away.
        if (!IsLoopback(context.Request.Host.Host))
        {
            return new Problem(
                Reason.NotPermitted, $"The Host header names '{PathText.Escape(context.Request.Host.Host)}'; this API answers only to 127.0.0.1, [::1] and localhost.");
        }

        if (!operation.NeedsToken)
        {
            return null;
        }

        string? header = context.Request.Headers.Authorization;
        if (string.IsNullOrEmpty(header))
        {
            return new Problem(Reason.NotAuthenticated, "The request carries no token: send 'Authorization: Bearer TOKEN'.");
        }

        return AuthenticationHeaderValue.TryParse(header, out AuthenticationHeaderValue? value)
            && string.Equals(value.Scheme, "Bearer", StringComparison.OrdinalIgnoreCase)
            && value.Parameter is { } token && options.Token.Matches(token)
            ? null
            : new Problem(Reason.NotAuthenticated, "The token is not the one of this node.");
    }

    // A filter that is misspelt and left alone would show more than was asked for.
    private static Problem? RefuseUnknown(IQueryCollection query, ApiOperation operation)
    {
        string[] known = [.. operation.Parameters.Where(parameter => parameter.Place == ApiPlace.Query).Select(parameter => parameter.Name)];
        if (operation.LeavesQueryAlone || query.Keys.FirstOrDefault(key => !known.Contains(key, StringComparer.OrdinalIgnoreCase)) is not { } unknown)
        {
            return null;
        }

        string remedy = NearestKey.Find(unknown, known) is { } near ? $"; did you mean {near}?"
            : known.Length == 0 ? "; there are none here." : $"; want one of {string.Join(", ", known)}.";
        return new Problem(Reason.InvalidRequest, $"There is no query parameter '{TransferHandlers.Shown(unknown)}'{remedy}");
    }

    private static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
}
