using ClusterTransfer.Model;
using ClusterTransfer.Wire.Compression;

namespace ClusterTransfer.Transfers.Compression;

/// <summary>Decides for each chunk of a source session whether it is compressed, and does it. Thread-safe: called by the workers that have just read the chunk.</summary>
/// <remarks>Two questions: does a codec pay for this transfer now (<see cref="CodecPlan"/>, by what link and processors are measured to do), and if so, does
/// a sample of this chunk get shorter. On a link that is faster than the codecs not even the sample is taken.</remarks>
internal sealed class ChunkCompressor(CompressionMode mode, CompressionServices services, TimeProvider time, LinkMeter link, Action<CodecChange> changed)
{
    // A shorter one costs more for its call than it saves.
    private const int LeastLength = 4 * 1024;

    private const int SampleLength = 16 * 1024;
    private const double Compressible = 0.9;
    private const double Fade = 0.1;

    // What a codec was once measured to do fades, plan by plan, to what is expected of it: half of it in about 15 s.
    private const double Forget = 0.01;

    // Less gain than this and it was not the link that was slow, but what lies behind it.
    private const double Gain = 1.05;

    private static readonly TimeSpan PlanFor = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Trial = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);

    // Of text, by one processor of 2020.
    private static readonly Dictionary<PayloadCodec, (double BytesPerSecond, double Ratio)> Expected = new()
    {
        [PayloadCodec.Lz4] = (500e6, 0.6),
        [PayloadCodec.Zstandard] = (350e6, 0.45),
    };

    private readonly Dictionary<PayloadCodec, (double BytesPerSecond, double Ratio)> _measured = new(Expected);

    private readonly Lock _gate = new();
    private PayloadCodec _plan;
    private long _plannedAt;
    private bool _hasPlanned;
    private TimeSpan _spent;            // by all workers since the last plan
    private (long Since, double Rate)? _before;     // when a codec was taken, and file bytes a second until then
    private long? _restsSince;          // a codec did not make it faster

    /// <summary>What it did so far.</summary>
    public CompressionCounters Counters { get; } = new();

    /// <summary>Compresses a chunk in its own memory if that is to be.</summary>
    /// <param name="chunk">Its bytes; holds the compressed ones afterwards.</param>
    /// <param name="peer">Codecs that the peer reads.</param>
    /// <param name="length">Bytes of it that are to be sent.</param>
    public PayloadCodec Compress(Span<byte> chunk, PeerCodecs peer, out int length)
    {
        length = chunk.Length;
        if (chunk.Length < LeastLength || Choose(peer) is not (var codec and not PayloadCodec.None) || NativeCodec.Of(codec) is not { } native
            || (mode == CompressionMode.Auto && !LooksCompressible(native, chunk)))
        {
            return PayloadCodec.None;
        }

        // A result that is hardly shorter would cost the other end its time for nothing.
        using ScratchBuffers.Lent scratch = services.Scratch.Borrow((int)(chunk.Length * Compressible));
        long began = time.GetTimestamp();
        int compressed = native.Compress(chunk, scratch.Span);
        Learn(codec, chunk.Length, compressed, time.GetElapsedTime(began));
        if (compressed == 0)
        {
            return PayloadCodec.None;
        }

        scratch.Span[..compressed].CopyTo(chunk);
        length = compressed;
        Counters.Count(codec, chunk.Length, compressed);
        return codec;
    }

    private PayloadCodec Choose(PeerCodecs peer)
    {
        PayloadCodec[] both = [.. services.Codecs.Where(peer.Has)];
        switch (mode)
        {
            case CompressionMode.Lz4:
                return both.Contains(PayloadCodec.Lz4) ? PayloadCodec.Lz4 : PayloadCodec.None;
            case CompressionMode.Zstandard:
                return both.Contains(PayloadCodec.Zstandard) ? PayloadCodec.Zstandard : PayloadCodec.None;
            case CompressionMode.Auto when both.Length > 0:
                break;
            default:
                return PayloadCodec.None;
        }

        CodecChange? change = null;
        PayloadCodec plan;
        lock (_gate)
        {
            if (!_hasPlanned || time.GetElapsedTime(_plannedAt) >= PlanFor)
            {
                change = PlanLocked(both);
            }

            plan = both.Contains(_plan) ? _plan : PayloadCodec.None;
        }

        if (change is not null)
        {
            changed(change);
        }

        return plan;
    }

    private CodecChange? PlanLocked(PayloadCodec[] both)
    {
        TimeSpan since = _hasPlanned ? time.GetElapsedTime(_plannedAt) : TimeSpan.Zero;
        double own = since > TimeSpan.Zero ? _spent / since : 0;
        (_hasPlanned, _plannedAt, _spent) = (true, time.GetTimestamp(), TimeSpan.Zero);
        double processors = services.IdleProcessors() + own;   // what compression takes now is there for it
        ForgetLocked();
        if (link.PerSecond is not var (rate, rawRate))
        {
            return null;
        }

        PayloadCodec before = _plan;
        if (HasFailedLocked(rawRate))
        {
            _plan = PayloadCodec.None;
        }
        else
        {
            CodecPlan.Measure[] measures = [.. both.Select(codec => new CodecPlan.Measure(codec, _measured[codec].BytesPerSecond, _measured[codec].Ratio))];
            _plan = CodecPlan.Choose(rate, processors, measures, before);
        }

        if (_plan == before)
        {
            return null;
        }

        _before = _plan == PayloadCodec.None ? null : _before ?? (time.GetTimestamp(), rawRate);
        return new CodecChange(before, _plan, rate, processors, _plan == PayloadCodec.None ? 1 : _measured[_plan].Ratio);
    }

    // A slow disk at the destination holds the connections up as a slow link does. What tells them apart is whether files move faster with a codec than without.
    private bool HasFailedLocked(double rawRate)
    {
        if (_restsSince is { } since)
        {
            if (time.GetElapsedTime(since) < Rest)
            {
                return true;
            }

            _restsSince = null;
        }

        if (_before is not { } before || time.GetElapsedTime(before.Since) < Trial)
        {
            return false;
        }

        if (rawRate >= before.Rate * Gain)
        {
            _before = (time.GetTimestamp(), before.Rate);
            return false;
        }

        _restsSince = time.GetTimestamp();
        return true;
    }

    private void ForgetLocked()
    {
        foreach ((PayloadCodec codec, (double speed, double ratio)) in Expected)
        {
            (double BytesPerSecond, double Ratio) now = _measured[codec];
            _measured[codec] = (now.BytesPerSecond + (Forget * (speed - now.BytesPerSecond)), now.Ratio + (Forget * (ratio - now.Ratio)));
        }
    }

    private bool LooksCompressible(NativeCodec native, ReadOnlySpan<byte> chunk)
    {
        if (chunk.Length <= 3 * SampleLength)
        {
            return true;   // as quickly done as tried
        }

        Span<byte> result = stackalloc byte[(int)(SampleLength * Compressible)];
        int shorter = 0;
        foreach (int at in (ReadOnlySpan<int>)[0, (chunk.Length - SampleLength) / 2, chunk.Length - SampleLength])
        {
            shorter += native.Compress(chunk.Slice(at, SampleLength), result) > 0 ? 1 : 0;
        }

        return shorter > 0;
    }

    private void Learn(PayloadCodec codec, int length, int compressed, TimeSpan took)
    {
        lock (_gate)
        {
            _spent += took;
            (double speed, double ratio) = _measured[codec];
            double now = compressed == 0 ? 1 : (double)compressed / length;
            _measured[codec] = (
                took > TimeSpan.Zero ? speed + (Fade * ((length / took.TotalSeconds) - speed)) : speed,
                ratio + (Fade * (now - ratio)));
        }
    }
}

/// <summary>Another codec is used from now on.</summary>
/// <param name="Before">Until now.</param>
/// <param name="After">From now on.</param>
/// <param name="LinkBytesPerSecond">What the link was measured to take.</param>
/// <param name="Processors">Processors that were free for it.</param>
/// <param name="Ratio">Compressed length by length, as expected of the new one.</param>
internal sealed record CodecChange(PayloadCodec Before, PayloadCodec After, double LinkBytesPerSecond, double Processors, double Ratio);
