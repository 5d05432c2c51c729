using System.Text.Json;

namespace ClusterTransfer.Model.Stages;

/// <summary>What one end of a session was at since its report before. All but the two parts are means: how many chunks were there at a time, waiting or at work, 0 to <see cref="Most"/>.</summary>
/// <remarks>docs/bottleneck.md says what is made of it.</remarks>
public sealed record StageReport
{
    /// <summary>Largest mean that is taken.</summary>
    public const double Most = 65_536;

    /// <summary>Source: places that were empty because the list of files is behind.</summary>
    public double List { get; init; }

    /// <summary>Source: at a limit.</summary>
    public double Throttle { get; init; }

    /// <summary>Source: at the reading of the disk.</summary>
    public double Read { get; init; }

    /// <summary>Source: at hashing.</summary>
    public double Hash { get; init; }

    /// <summary>Source: at compression.</summary>
    public double Compress { get; init; }

    /// <summary>Source: at sealing.</summary>
    public double Seal { get; init; }

    /// <summary>Source: at the sockets.</summary>
    public double Network { get; init; }

    /// <summary>Source: places that were empty because the window was full.</summary>
    public double Window { get; init; }

    /// <summary>Source: sent and not answered.</summary>
    public double Away { get; init; }

    /// <summary>Destination: at restoring and hashing.</summary>
    public double Verify { get; init; }

    /// <summary>Destination: at the writing of the disk.</summary>
    public double Write { get; init; }

    /// <summary>Destination: acknowledgements held back by a flush.</summary>
    public double Flush { get; init; }

    /// <summary>Destination: part of the time of its connections that went into opening records, 0 to 1.</summary>
    public double Opening { get; init; }

    /// <summary>Destination: part of that time in which nothing was received because what had come waited for workers or buffers, 0 to 1.</summary>
    public double Blocked { get; init; }

    /// <summary>Refuses what cannot be.</summary>
    /// <exception cref="JsonException">A value is out of its range.</exception>
    internal void Require()
    {
        foreach (double mean in (ReadOnlySpan<double>)[List, Throttle, Read, Hash, Compress, Seal, Network, Window, Away, Verify, Write, Flush])
        {
            Require(mean, Most);
        }

        Require(Opening, 1);
        Require(Blocked, 1);
    }

    // Not a number is out of every range.
    private static void Require(double value, double most)
    {
        if (!(value >= 0 && value <= most))
        {
            throw new JsonException($"A stage reports {value}; want 0 to {most}.");
        }
    }
}
