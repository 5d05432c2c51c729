using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Incoming;

/// <summary>The entries that a round is for, by the paths that were named: each itself, all beneath it, and the folders above it.</summary>
internal sealed class EntrySelection
{
    private readonly HashSet<string> _named;
    private readonly HashSet<string> _above = new(StringComparer.Ordinal);

    /// <param name="paths">As issues show them: escaped, so that what a user was told can be typed.</param>
    public EntrySelection(IEnumerable<string> paths)
    {
        _named = new HashSet<string>(paths, StringComparer.Ordinal);
        foreach (string path in _named)
        {
            for (int end = path.LastIndexOf('/'); end > 0; end = path.LastIndexOf('/', end - 1))
            {
                _above.Add(path[..end]);
            }
        }
    }

    public bool Has(ManifestEntry entry)
    {
        string path = entry.Path.ToString();
        if (_named.Contains(path) || (entry.Kind == EntryKind.Folder && _above.Contains(path)))
        {
            return true;
        }

        for (int end = path.LastIndexOf('/'); end > 0; end = path.LastIndexOf('/', end - 1))
        {
            if (_named.Contains(path[..end]))
            {
                return true;
            }
        }

        return false;
    }
}
