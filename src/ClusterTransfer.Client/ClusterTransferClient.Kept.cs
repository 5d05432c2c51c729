using System.Runtime.CompilerServices;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Client;

/// <summary>What nodes keep of transfers.</summary>
public sealed partial class ClusterTransferClient
{
    private const string Kept = "api/v1/kept";

    /// <summary>All that the connected nodes keep of transfers, and why, fetched page by page as it is consumed.</summary>
    public IAsyncEnumerable<KeptResource> KeptAsync(CancellationToken cancellationToken = default) => AllKeptAsync(KeptPageAsync, cancellationToken);

    /// <summary>The same, and what no transfer needs is removed, page by page as this is consumed; each says what became of it.</summary>
    public IAsyncEnumerable<KeptResource> RemoveKeptAsync(CancellationToken cancellationToken = default) => AllKeptAsync(RemoveKeptPageAsync, cancellationToken);

    /// <summary>One page of what the connected nodes keep.</summary>
    /// <param name="cursor"><see cref="KeptPage.NextCursor"/> of the page before; null for the first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<KeptPage> KeptPageAsync(string? cursor, CancellationToken cancellationToken = default) => GetAsync(Kept + QueryOf(cursor), ApiJson.Default.KeptPage, cancellationToken);

    /// <summary>The same, and what of it no transfer needs is removed.</summary>
    /// <param name="cursor"><see cref="KeptPage.NextCursor"/> of the page before; null for the first.</param>
    /// <param name="cancellationToken">Ends the wait, not the removal.</param>
    public async Task<KeptPage> RemoveKeptPageAsync(string? cursor, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Kept}/remove{QueryOf(cursor)}");
        return await SendAsync(request, ApiJson.Default.KeptPage, cancellationToken).ConfigureAwait(false);
    }

    // A node that does not know pages yet need not be asked for one.
    private static string QueryOf(string? cursor) => cursor is null ? string.Empty : $"?cursor={Uri.EscapeDataString(cursor)}";

    private static async IAsyncEnumerable<KeptResource> AllKeptAsync(
        Func<string?, CancellationToken, Task<KeptPage>> ask, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? cursor = null;
        do
        {
            KeptPage page = await ask(cursor, cancellationToken).ConfigureAwait(false);
            foreach (KeptResource kept in page.Items)
            {
                yield return kept;
            }

            // A cursor that does not move would make this loop endless. A page may be empty and still lead on.
            cursor = page.NextCursor != cursor ? page.NextCursor : null;
        }
        while (cursor is not null);
    }
}
