using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ClusterTransfer.Wire.Hashing;

/// <summary>Which instructions hash many chunks or parents side by side. Each falls back to the next for what does not fill its lanes.</summary>
internal enum Blake3Kernel
{
    /// <summary>4 lanes of <see cref="Vector128{T}"/>, on any machine.</summary>
    Portable,

    /// <summary>8 lanes of <see cref="Vector256{T}"/> with AVX2.</summary>
    Avx2,

    /// <summary>16 lanes of <see cref="Vector512{T}"/> with AVX-512F.</summary>
    Avx512,

    /// <summary>The widest that this machine has.</summary>
    Best,
}

/// <summary>What this machine can run.</summary>
internal static class Blake3KernelSupport
{
    /// <summary>Whether a kernel can be chosen here.</summary>
    public static bool IsSupported(this Blake3Kernel kernel) => kernel switch
    {
        Blake3Kernel.Avx512 => Vector512.IsHardwareAccelerated && Avx512F.IsSupported,
        Blake3Kernel.Avx2 => Avx2.IsSupported,
        _ => true,
    };
}
