using System.Net;
using ClusterTransfer.Model;

namespace ClusterTransfer.Client;

/// <summary>How the node is.</summary>
public sealed partial class ClusterTransferClient
{
    /// <summary>Whether the node is ready, and what its clock says; it needs no token for that.</summary>
    /// <exception cref="ClusterTransferApiException">Nobody answers, or what answers is no node.</exception>
    public async Task<NodeReadiness> ReadinessAsync(CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "readyz");
        return await SendAsync(request, ReadReadiness, cancellationToken).ConfigureAwait(false);
    }

    private NodeReadiness ReadReadiness(HttpResponseMessage answer, byte[] body)
    {
        if (answer.IsSuccessStatusCode)
        {
            return new NodeReadiness(null, answer.Headers.Date);
        }

        ClusterTransferApiException failure = ApiFailure.FromAnswer(answer, body, _shownAddress);
        bool isItsOwn = answer.StatusCode == HttpStatusCode.ServiceUnavailable && answer.Content.Headers.ContentType?.MediaType == "application/problem+json";
        return isItsOwn ? new NodeReadiness(failure.Problem, answer.Headers.Date) : throw failure;
    }
}
