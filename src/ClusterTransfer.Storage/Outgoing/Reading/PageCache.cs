using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Outgoing.Reading;

/// <summary>A decoded page with its plan.</summary>
internal sealed record PlannedPage(ManifestPage Page, PagePlan Plan);

/// <summary>Keeps the pages used last. Thread-safe; a page that two threads want at once may be decoded twice.</summary>
internal sealed class PageCache(int capacity, Func<int, PlannedPage> load)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<PlannedPage> _oldestFirst = [];
    private readonly Dictionary<int, LinkedListNode<PlannedPage>> _byNumber = [];

    /// <summary>The page of that number.</summary>
    public PlannedPage Get(int number)
    {
        lock (_lock)
        {
            if (_byNumber.TryGetValue(number, out LinkedListNode<PlannedPage>? node))
            {
                _oldestFirst.Remove(node);
                _oldestFirst.AddLast(node);
                return node.Value;
            }
        }

        PlannedPage loaded = load(number);
        lock (_lock)
        {
            if (!_byNumber.ContainsKey(number))
            {
                _byNumber.Add(number, _oldestFirst.AddLast(loaded));
                if (_byNumber.Count > capacity && _oldestFirst.First is { } oldest)
                {
                    _byNumber.Remove(oldest.Value.Page.Number);
                    _oldestFirst.RemoveFirst();
                }
            }
        }

        return loaded;
    }
}
