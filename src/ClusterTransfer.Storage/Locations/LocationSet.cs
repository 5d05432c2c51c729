using System.Collections.Frozen;
using ClusterTransfer.Model;

namespace ClusterTransfer.Storage.Locations;

/// <summary>All locations of a node. One that cannot be opened is kept with its problem, so that the others can be served.</summary>
public sealed class LocationSet : IDisposable
{
    private readonly FrozenDictionary<LocationName, (Location? Location, Problem? Problem)> _byName;

    private LocationSet(IReadOnlyList<(LocationOptions Options, Location? Location, Problem? Problem)> opened)
    {
        All = [.. opened.Select(one => (one.Options, one.Problem))];
        _byName = opened.ToFrozenDictionary(one => one.Options.Name, one => (one.Location, one.Problem));
    }

    /// <summary>Every configured location, in the order given, with what keeps it from being served.</summary>
    public IReadOnlyList<(LocationOptions Options, Problem? Problem)> All { get; }

    /// <summary>Opens the locations of a node.</summary>
    /// <param name="options">All of them.</param>
    /// <param name="onBuffered">As for <see cref="Location.Open"/>, with the location's name.</param>
    /// <exception cref="ClusterTransferException">Two have one name, or their folders overlap: a mistake that could destroy data, so nothing is opened. Lists all such problems.</exception>
    public static LocationSet Open(IReadOnlyList<LocationOptions> options, Action<LocationName, string>? onBuffered = null)
    {
        string[] problems = [.. FindConflicts(options)];
        if (problems.Length > 0)
        {
            throw new ClusterTransferException(Reason.InvalidRequest, string.Join(' ', problems));
        }

        return new LocationSet([.. options.Select(one => OpenOne(one, onBuffered))]);
    }

    /// <summary>The location of that name. Owned by this set.</summary>
    /// <exception cref="ClusterTransferException">There is none, or it could not be opened.</exception>
    public Location Get(LocationName name)
    {
        if (!_byName.TryGetValue(name, out (Location? Location, Problem? Problem) found))
        {
            throw new ClusterTransferException(Reason.LocationUnknown, $"This node has no location {name}.");
        }

        return found.Location ?? throw new ClusterTransferException(
            found.Problem ?? new Problem(Reason.Unclassified, $"Location {name} is not open."));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((Location? location, _) in _byName.Values)
        {
            location?.Dispose();
        }
    }

    private static (LocationOptions Options, Location? Location, Problem? Problem) OpenOne(LocationOptions options, Action<LocationName, string>? onBuffered)
    {
        try
        {
            return (options, Location.Open(options, onBuffered is null ? null : why => onBuffered(options.Name, why)), null);
        }
        catch (ClusterTransferException error)
        {
            return (options, null, error.Problem);
        }
    }

    private static IEnumerable<string> FindConflicts(IReadOnlyList<LocationOptions> options)
    {
        foreach (IGrouping<LocationName, LocationOptions> same in options.GroupBy(one => one.Name).Where(group => group.Count() > 1))
        {
            yield return $"Location {same.Key} is configured {same.Count()} times. Give each location its own name.";
        }

        LocationFolder[] folders = [.. options.Select(LocationFolder.Find)];
        for (int i = 0; i < folders.Length; i++)
        {
            for (int j = i + 1; j < folders.Length; j++)
            {
                (LocationOptions a, LocationOptions b) = (folders[i].Options, folders[j].Options);

                // Two that are only read cannot harm each other.
                if (!(a.ReadOnly && b.ReadOnly) && (folders[i].Contains(folders[j]) || folders[j].Contains(folders[i])))
                {
                    yield return $"Locations {a.Name} ({a.Folder}) and {b.Name} ({b.Folder}) overlap: a file would be reachable by two names, and one could overwrite the other's staging. Give them folders beside each other, or make both read-only.";
                }
            }
        }
    }
}
