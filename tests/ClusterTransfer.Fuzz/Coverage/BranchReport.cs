namespace ClusterTransfer.Fuzz.Coverage;

/// <summary>Which branches of a parser were taken.</summary>
public sealed class BranchReport
{
    /// <summary>Beside an instrumented program: one line for each way, in the order of the map.</summary>
    public const string FileName = "branches.tsv";

    /// <summary>Least share that a run with <c>--coverage</c> must reach.</summary>
    public const double Wanted = 0.90;

    private readonly List<(string Type, string Method, string Place, string Way, bool Taken)> _ways = [];

    private BranchReport()
    {
    }

    /// <summary>Whether this program is an instrumented one.</summary>
    public static bool IsAvailable => File.Exists(Path.Combine(AppContext.BaseDirectory, FileName));

    /// <summary>Ways taken.</summary>
    public int Taken => _ways.Count(way => way.Taken);

    /// <summary>All ways.</summary>
    public int All => _ways.Count;

    /// <summary>Share that was taken.</summary>
    public double Share => All == 0 ? 0 : (double)Taken / All;

    /// <summary>What of a target's parser was reached since the program began.</summary>
    public static BranchReport Of(IFuzzTarget target)
    {
        var report = new BranchReport();
        string[] lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, FileName));
        for (int i = 0; i < lines.Length; i++)
        {
            string[] fields = lines[i].Split('\t');
            if (target.Parser.Any(part => part.Type == fields[0] && (part.Methods.Length == 0 || part.Methods.Contains(fields[1]))))
            {
                report._ways.Add((fields[0], fields[1], fields[2], fields[3], BranchMap.Taken[i] != 0));
            }
        }

        return report;
    }

    /// <summary>The report for people: the sum, each type, and each way that was not taken.</summary>
    public IEnumerable<string> Lines(string name)
    {
        yield return FormattableString.Invariant($"{name}: branch coverage {Taken} of {All} = {Share * 100:0.0} %");
        foreach (var type in _ways.GroupBy(way => way.Type))
        {
            yield return FormattableString.Invariant($"  {type.Key}: {type.Count(way => way.Taken)} of {type.Count()}");
        }

        foreach (var (type, method, place, way, _) in _ways.Where(way => !way.Taken))
        {
            yield return $"  not taken: {place} in {method}: {way}";
        }
    }
}
