using System.Text.Json;

namespace ClusterTransfer.Model.Control;

/// <summary>Lists that came as JSON. The serializer holds a property to its type, but not what a list holds: <c>[null]</c> passes for a list of anything.</summary>
internal static class WholeList
{
    /// <summary>Refuses a list with a null in it.</summary>
    /// <exception cref="JsonException">It has one.</exception>
    public static void Require<T>(IReadOnlyList<T>? list, string name)
    {
        for (int i = 0; list is not null && i < list.Count; i++)
        {
            if (list[i] is null)
            {
                throw new JsonException($"{name}[{i}] is null.");
            }
        }
    }
}
