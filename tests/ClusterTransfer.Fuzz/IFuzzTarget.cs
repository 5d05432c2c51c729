namespace ClusterTransfer.Fuzz;

/// <summary>Code under attack.</summary>
public interface IFuzzTarget
{
    /// <summary>Its name on the command line.</summary>
    string Name { get; }

    /// <summary>What of the product is the parser: its branches are counted by <c>--coverage</c>.</summary>
    IReadOnlyList<ParserPart> Parser { get; }

    /// <summary>Makes one input from its index and random choices alone. The first indices are the seeds, undamaged.</summary>
    FuzzCase Make(long index, Random random);
}

/// <summary>One input.</summary>
/// <param name="Kind">How it was made, for the counts of a run.</param>
/// <param name="Show">The input, for the report of a failure.</param>
/// <param name="Try">Tries it: true when it was valid, false when it was refused as it should be; any exception is a failure.</param>
public sealed record FuzzCase(string Kind, Func<string> Show, Func<bool> Try)
{
    /// <summary>The input as bytes, where it is nothing but bytes; kept in the corpus when it reaches something new.</summary>
    public ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>Tries it, a second time when it allocated too much: what is used for the first time allocates more.</summary>
    public bool Run()
    {
        try
        {
            return Try();
        }
        catch (AllocationException)
        {
            return Try();
        }
    }
}

/// <summary>Methods of one type.</summary>
/// <param name="Type">Its full name; nested types and lambdas belong to it.</param>
/// <param name="Methods">Names of the methods that read; empty for all.</param>
public sealed record ParserPart(string Type, params string[] Methods);

/// <summary>A promise was broken.</summary>
public class FuzzException(string problem, Exception? inner = null) : Exception(problem, inner);

/// <summary>More was allocated than may be; see <see cref="FuzzCase.Run"/>.</summary>
public sealed class AllocationException(string problem) : FuzzException(problem);
