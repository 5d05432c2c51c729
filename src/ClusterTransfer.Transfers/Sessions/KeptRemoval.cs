using System.Text;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>Removes what a node keeps, one after the other, as far as the time for one answer reaches.</summary>
internal static class KeptRemoval
{
    /// <summary>After that long no further one is begun.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <returns>What became of the first ones, at least of one; and where to go on when not all were reached.</returns>
    public static async Task<ForgottenKept> RunAsync(IReadOnlyList<KeptKey> items, Func<KeptKey, Task<ForgottenItem>> remove, TimeProvider time)
    {
        long begun = time.GetTimestamp();
        List<ForgottenItem> forgotten = [];
        foreach (KeptKey item in items)
        {
            if (forgotten.Count > 0 && time.GetElapsedTime(begun) >= Limit)
            {
                KeptKey last = items[forgotten.Count - 1];
                return new ForgottenKept(forgotten, KeptCursor.Write(last.Place, Encoding.ASCII.GetBytes(last.Transfer.Value)));
            }

            forgotten.Add(await remove(item).ConfigureAwait(false));
        }

        return new ForgottenKept(forgotten);
    }
}
