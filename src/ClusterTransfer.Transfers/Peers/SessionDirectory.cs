using System.Collections.Concurrent;
using ClusterTransfer.Model;

namespace ClusterTransfer.Transfers.Peers;

/// <summary>The destination sessions of this node that accept connections, by session id. Written by session actors, read by connection actors.</summary>
internal sealed class SessionDirectory
{
    private readonly ConcurrentDictionary<SessionId, SessionBinding> _bindings = new();

    /// <summary>Makes a session known; false when its id is taken by another live session.</summary>
    public bool TryAdd(SessionBinding binding) => _bindings.TryAdd(binding.SessionId, binding);

    /// <summary>Takes it away again, unless another session holds the id by now.</summary>
    public void Remove(SessionBinding binding) => _bindings.TryRemove(new KeyValuePair<SessionId, SessionBinding>(binding.SessionId, binding));

    /// <summary>The session of that id, if it accepts connections.</summary>
    public SessionBinding? Find(SessionId id) => _bindings.GetValueOrDefault(id);
}
