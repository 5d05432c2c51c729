namespace ClusterTransfer.Cli;

/// <summary>Finds what a user may have meant.</summary>
internal static class Nearest
{
    private const int LongestCompared = 64;

    /// <summary>The candidate with the fewest differences, when these are few for its length; null when nothing is near.</summary>
    public static string? Of(string text, IEnumerable<string> candidates)
    {
        if (text.Length > LongestCompared)
        {
            return null;
        }

        return candidates
            .Select(candidate => (Candidate: candidate, Distance: Distance(text, candidate)))
            .Where(pair => pair.Distance <= Math.Max(1, Math.Max(pair.Candidate.Length, text.Length) / 3) || pair.Candidate.StartsWith(text, StringComparison.Ordinal))
            .OrderBy(pair => pair.Distance)
            .ThenBy(pair => pair.Candidate, StringComparer.Ordinal)
            .Select(pair => pair.Candidate)
            .FirstOrDefault();
    }

    // Levenshtein, with neighbours swapped counting as one.
    private static int Distance(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                cost[i, j] = i == 0 ? j : j == 0 ? i : Math.Min(
                    Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1, cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }

        return cost[a.Length, b.Length];
    }
}
