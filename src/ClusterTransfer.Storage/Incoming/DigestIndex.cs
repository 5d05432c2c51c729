using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Incoming;

/// <summary>Values of durable chunks in <c>digests.bin</c>, at index x 32. Made anew from the journal at every open, never flushed. Owns the file.</summary>
internal sealed class DigestIndex(FileHandle file) : IDisposable
{
    public void Write(uint chunk, Digest value)
    {
        Span<byte> bytes = stackalloc byte[Digest.Length];
        value.CopyTo(bytes);
        file.Write(bytes, (long)chunk * Digest.Length);
    }

    /// <summary>The value; empty when none was written.</summary>
    public Digest Read(uint chunk)
    {
        Span<byte> bytes = stackalloc byte[Digest.Length];
        bytes.Clear();
        file.Read(bytes, (long)chunk * Digest.Length);
        return new Digest(bytes);
    }

    /// <summary>Calls back with each value of a range, in order, holding a thousand at a time.</summary>
    public void ReadRange(uint first, int count, Action<Digest> onValue)
    {
        const int block = 1024;
        byte[] bytes = new byte[Math.Min(count, block) * Digest.Length];
        for (int done = 0; done < count; done += block)
        {
            int now = Math.Min(block, count - done);
            Span<byte> part = bytes.AsSpan(0, now * Digest.Length);
            part.Clear();
            file.Read(part, (long)(first + (uint)done) * Digest.Length);
            for (int i = 0; i < now; i++)
            {
                onValue(new Digest(part.Slice(i * Digest.Length, Digest.Length)));
            }
        }
    }

    /// <summary>Gives its blocks back to the disk; every value reads as empty.</summary>
    public void Empty() => file.SetLength(0);

    public void Dispose() => file.Dispose();
}
