using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Addresses;

/// <summary>Turns what a user typed into an address: <c>location:path</c>, or a path of this machine that a location of its node contains.</summary>
/// <param name="currentFolder">What relative paths start from.</param>
/// <param name="locations">Asks the node for its locations; called at most once, and only for a plain path.</param>
internal sealed class AddressReader(string currentFolder, Func<Task<IReadOnlyList<LocationResource>>> locations)
{
    private IReadOnlyList<LocationResource>? _known;

    /// <exception cref="ClusterTransferException">The text is no address (exit 2), or no location contains the path (exit 3).</exception>
    public async Task<string> ReadAsync(string text)
    {
        if (text.StartsWith('@'))
        {
            throw new CliException(Reason.InvalidRequest, $"'{PathText.Escape(text)}' names a group, which this version does not have.", "Write location:path; 'ct locations ls' lists the locations.");
        }

        if (!HasLocation(text))
        {
            return await MapAsync(text);
        }

        if (TransferAddress.TryParse(text, out _, out string? problem))
        {
            return text;
        }

        throw new CliException(Reason.InvalidRequest, problem.TrimEnd('.') + ".", Remedy(text));
    }

    // One letter before the colon is a drive, and a slash before it belongs to a path.
    private static bool HasLocation(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon >= 2 && text.AsSpan(0, colon).IndexOfAny('/', '\\') < 0 && text[0] is not ('.' or '~');
    }

    private static string Remedy(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string path = text[(colon + 1)..];
        return path.StartsWith('/')
            ? $"Write {PathText.Escape(text[..colon])}:{PathText.Escape(path.TrimStart('/'))}, beneath the location's folder; 'ct locations ls' shows the folders."
            : "Write location:relative/path; for a file of this machine with ':' in its name write ./NAME.";
    }

    private async Task<string> MapAsync(string text)
    {
        if (text.Length == 0)
        {
            throw new CliException(Reason.InvalidRequest, "An address is empty.", "Write location:path; 'ct locations ls' lists the locations.");
        }

        string path = Path.GetFullPath(text, currentFolder);
        path = path.Length > 1 ? path.TrimEnd('/') : path;
        _known ??= await locations();
        LocationResource? best = null;
        string bestFolder = string.Empty;
        foreach (LocationResource location in _known)
        {
            if (location.Folder is { } raw)
            {
                string folder = raw.Length > 1 ? raw.TrimEnd('/') : raw;
                if (folder.Length >= bestFolder.Length && IsWithin(path, folder))
                {
                    (best, bestFolder) = (location, folder);
                }
            }
        }

        return best is not null
            ? $"{best.Name}:{path[bestFolder.Length..].TrimStart('/')}"
            : throw new CliException(
                Reason.PathNotFound,
                $"No location of this node contains {PathText.Escape(path)}.",
                $"Add one to the node's configuration, for example 'locations {{ files {{ folder = \"{PathText.Escape(Path.GetDirectoryName(path) ?? "/")}\" }} }}', and start it again; or write location:path.");
    }

    private static bool IsWithin(string path, string folder) =>
        folder == "/" || (path.StartsWith(folder, StringComparison.Ordinal) && (path.Length == folder.Length || path[folder.Length] == '/'));
}
