namespace ClusterTransfer.Benchmarks.Transfer.Data;

/// <summary>Whether what arrived is what was sent: the same files with the same bytes, and nothing else.</summary>
internal static class Comparison
{
    private const int Buffer = 1 << 20;

    /// <summary>Compares; takes a while and is never part of a measured time.</summary>
    /// <param name="data">What was sent.</param>
    /// <param name="destination">The folder it was copied into.</param>
    /// <returns>The first difference; null when there is none.</returns>
    public static string? Difference(DataSet data, string destination)
    {
        string[] arrived = Directory.Exists(destination)
            ? [.. Directory.EnumerateFiles(destination, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
                .Select(file => Path.GetRelativePath(destination, file)).Order(StringComparer.Ordinal)]
            : [];
        string[] sent = [.. data.Files.Order(StringComparer.Ordinal)];
        if (sent.Except(arrived).FirstOrDefault() is { } missing)
        {
            return $"{missing} is missing ({arrived.Length} of {sent.Length} files are there)";
        }

        if (arrived.Except(sent).FirstOrDefault() is { } other)
        {
            return $"{other} is there and was not sent";
        }

        byte[] left = new byte[Buffer];
        byte[] right = new byte[Buffer];
        return sent.FirstOrDefault(file => !IsEqual(Path.Combine(data.Folder, file), Path.Combine(destination, file), left, right)) is { } different
            ? $"{different} has other bytes"
            : null;
    }

    private static bool IsEqual(string one, string two, byte[] left, byte[] right)
    {
        using FileStream first = new(one, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        using FileStream second = new(two, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        while (true)
        {
            int read = first.ReadAtLeast(left, left.Length, throwOnEndOfStream: false);
            if (second.ReadAtLeast(right, right.Length, throwOnEndOfStream: false) != read || !left.AsSpan(0, read).SequenceEqual(right.AsSpan(0, read)))
            {
                return false;
            }

            if (read == 0)
            {
                return true;
            }
        }
    }
}
