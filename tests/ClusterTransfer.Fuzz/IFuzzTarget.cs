namespace ClusterTransfer.Fuzz;

/// <summary>Code under attack.</summary>
public interface IFuzzTarget
{
    /// <summary>Its name on the command line.</summary>
    string Name { get; }

    /// <summary>Makes one input from random choices alone.</summary>
    FuzzCase Make(Random random);
}

/// <summary>One input.</summary>
/// <param name="Shown">The input, for the report of a failure.</param>
/// <param name="Try">Tries it: true when it was valid, false when it was refused as it should be; any exception is a failure.</param>
public sealed record FuzzCase(string Shown, Func<bool> Try);

/// <summary>A promise was broken.</summary>
public sealed class FuzzException(string problem, Exception? inner = null) : Exception(problem, inner);
