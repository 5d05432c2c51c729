using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Client;

/// <summary>Makes exceptions of what went wrong on the way to the node and back.</summary>
internal static class ApiFailure
{
    /// <summary>The problem in an answer; or that what answered is no node.</summary>
    public static ClusterTransferApiException FromAnswer(HttpResponseMessage answer, ReadOnlySpan<byte> body, string address)
    {
        if (answer.Content.Headers.ContentType?.MediaType == "application/problem+json" && TryRead(body) is { } resource)
        {
            // What a node says ends up in a terminal: nothing in it may steer one.
            return new ClusterTransferApiException(
                new Problem(ReasonCatalogue.FromCode(resource.Code), PathText.EscapeControls(resource.Detail)),
                resource.Remedy is { } remedy ? PathText.EscapeControls(remedy) : null,
                PathText.EscapeControls(resource.Code),
                resource.ExitCode is > 0 and < 126 ? resource.ExitCode : 1,
                retryAfter: answer.Headers.RetryAfter?.Delta);
        }

        return new ClusterTransferApiException(
            new Problem(Reason.NodeUnreachable, $"What answers at {address} is no ClusterTransfer node: HTTP {(int)answer.StatusCode}."),
            "Check the address given with --node or CT_NODE.");
    }

    public static ClusterTransferApiException FromException(string address, HttpRequestException error)
    {
        // Only a failed connect is sure to have brought nothing to the node.
        bool connected = error.HttpRequestError is not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError);
        string why = error.InnerException?.Message ?? error.Message;
        return NoAnswer(address, PathText.EscapeControls(why), connected, error);
    }

    public static ClusterTransferApiException NoAnswer(string address, string why, bool mayHaveArrived, Exception inner) => new(
        new Problem(Reason.NodeUnreachable, $"No node answers at {address}: {why.TrimEnd('.')}."),
        "Start it with 'ct node run', or name another one with --node or CT_NODE.",
        isConnectionFailure: true,
        mayHaveArrived: mayHaveArrived,
        inner: inner);

    public static ClusterTransferApiException NotUnderstood(string address, JsonException error) => new(
        new Problem(Reason.VersionMismatch, $"The answer of the node at {address} is not understood (at {PathText.EscapeControls(error.Path ?? "$")})."),
        "Use a ct of the node's version: 'ct version' shows both.",
        inner: error);

    private static ProblemResource? TryRead(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, ApiJson.Default.ProblemResource);
        }
        catch (JsonException)
        {
            return null;   // the caller then says that this is no node
        }
    }
}
