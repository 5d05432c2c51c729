using ClusterTransfer.Cli.Output;
using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Addresses;

/// <summary>Names the location that was probably meant when the node knows none of that name.</summary>
internal static class LocationHint
{
    /// <summary>The same failure with the nearest name in its remedy; as it was when no name is near or the node does not tell its locations.</summary>
    public static async Task<Exception> ForAsync(ClusterTransferClient client, ClusterTransferApiException failure, string[] addresses, CancellationToken cancellationToken)
    {
        IReadOnlyList<LocationResource> locations;
        try
        {
            locations = await client.LocationsAsync(cancellationToken);
        }
        catch (ClusterTransferApiException)
        {
            return failure;   // the hint is worth less than the failure it belongs to
        }

        string[] known = [.. locations.Select(location => location.Name.Value)];
        string? near = addresses
            .Select(address => address[..address.IndexOf(':', StringComparison.Ordinal)])
            .Where(name => !known.Contains(name, StringComparer.Ordinal))
            .Select(name => Nearest.Of(name, known))
            .FirstOrDefault(name => name is not null);
        return near is null ? failure : new CliException(failure.Reason, failure.Message, $"Did you mean '{near}:'? Else: {failure.Remedy}");
    }
}
