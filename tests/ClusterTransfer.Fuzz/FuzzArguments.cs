using System.Globalization;

namespace ClusterTransfer.Fuzz;

/// <summary>What was asked for on the command line.</summary>
internal sealed record FuzzArguments(IReadOnlyList<IFuzzTarget> Targets, long Count, long Seed, long First, bool Coverage, string? InstrumentTo, string? GrowTo)
{
    public static string Usage(IEnumerable<IFuzzTarget> targets) =>
        "Usage: TARGET|all [--count N] [--seed S] [--first I] [--coverage] [--instrument FOLDER] [--grow FOLDER]; "
        + $"targets: {string.Join(", ", targets.Select(target => target.Name))}.";

    public static FuzzArguments? Parse(string[] args, IReadOnlyList<IFuzzTarget> targets)
    {
        IFuzzTarget[] chosen = [.. targets.Where(target => args.Length > 0 && (args[0] == "all" || target.Name == args[0]))];
        var read = new FuzzArguments(chosen, 100_000, 1, 0, false, null, null);
        for (int i = 1; i < args.Length && chosen.Length > 0; i++)
        {
            if (args[i] == "--coverage")
            {
                read = read with { Coverage = true };
                continue;
            }

            string value = i + 1 < args.Length ? args[++i] : string.Empty;
            bool isNumber = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number);
            switch (args[i - 1])
            {
                case "--count" when isNumber: read = read with { Count = number }; break;
                case "--seed" when isNumber: read = read with { Seed = number }; break;
                case "--first" when isNumber: read = read with { First = number }; break;
                case "--instrument" when value.Length > 0: read = read with { InstrumentTo = value }; break;
                case "--grow" when value.Length > 0: read = read with { GrowTo = value }; break;
                default: return null;
            }
        }

        return chosen.Length > 0 ? read : null;
    }
}
