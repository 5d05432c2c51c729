namespace ClusterTransfer.Fuzz.Bytes;

/// <summary>Holds a parser to a bound on what it allocates for an input.</summary>
public readonly struct Allocation
{
    private readonly long _before;

    private Allocation(long before) => _before = before;

    /// <summary>Begins to count the bytes that this thread allocates.</summary>
    public static Allocation Begin() => new(GC.GetAllocatedBytesForCurrentThread());

    /// <summary>Ends the count.</summary>
    /// <param name="inputLength">Bytes of input.</param>
    /// <param name="perByte">Bytes allowed for each of them.</param>
    /// <param name="atMost">Bytes allowed besides.</param>
    /// <exception cref="AllocationException">More was allocated.</exception>
    public void End(int inputLength, int perByte, long atMost)
    {
        long used = GC.GetAllocatedBytesForCurrentThread() - _before;
        long bound = ((long)inputLength * perByte) + atMost;
        if (used > bound)
        {
            throw new AllocationException($"{used} bytes were allocated for {inputLength} bytes of input; the bound is {bound}.");
        }
    }
}
