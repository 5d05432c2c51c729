using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.NodeJournal;

namespace ClusterTransfer.Storage.Tests.Incoming.Recovery;

/// <summary>The process is killed at its n-th write to a log, before it or with half of it done.</summary>
internal sealed class DyingJournal(int atWrite, bool half)
{
    private int _writes;

    public IJournalMedium Wrap(IJournalMedium medium) => new Medium(this, medium);

    private bool IsDead => _writes >= atWrite;

    // How much of a write is still done: all, half of the last, nothing.
    private int LengthOf(int length) => ++_writes < atWrite ? length : _writes == atWrite && half ? length / 2 : 0;

    private sealed class Medium(DyingJournal owner, IJournalMedium inner) : IJournalMedium
    {
        public string Display => inner.Display;

        public long Length => inner.Length;

        public int Read(Span<byte> buffer, long offset) => inner.Read(buffer, offset);

        public Errno TryWrite(ReadOnlySpan<byte> bytes, long offset)
        {
            Errno errno = inner.TryWrite(bytes[..owner.LengthOf(bytes.Length)], offset);
            return owner.IsDead ? throw new PlayedCrashException() : errno;
        }

        public Errno TryFlush() => owner.IsDead ? throw new PlayedCrashException() : inner.TryFlush();

        public void Cut(long length) => inner.Cut(length);

        public void Dispose() => inner.Dispose();
    }
}
