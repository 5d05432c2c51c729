using ClusterTransfer.Benchmarks.Transfer.Processes;
using ClusterTransfer.Benchmarks.Transfer.Results;
using ClusterTransfer.Benchmarks.Transfer.Servers;
using ClusterTransfer.Wire.Hashing;

namespace ClusterTransfer.Benchmarks.Micro;

/// <summary>BLAKE3 of this project on one core against <c>b3sum --num-threads 1</c>, in turns.</summary>
/// <remarks>Counted is processor time in user mode, which is the hashing itself: what b3sum needs to read its file is in the kernel. Others on the machine matter little to it.</remarks>
internal static class AgainstB3Sum
{
    /// <summary>Least share of its rate.</summary>
    public const double Bar = 0.65;

    private const int Input = 1024 * 1024;
    private const int Inputs = 1024;

    /// <summary>Rates in bytes per processor second; null when there is no b3sum.</summary>
    /// <param name="runs">Runs of each.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<(double Ours, double Theirs)?> RunAsync(int runs, CancellationToken cancellationToken)
    {
        if (Programs.Find("b3sum") is not { } b3sum)
        {
            return null;
        }

        string file = Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"clustertransfer-b3sum-{Environment.ProcessId}");
        byte[] bytes = new byte[Input];
        new Random(1).NextBytes(bytes);
        try
        {
            using (FileStream data = File.Create(file))
            {
                for (int i = 0; i < Inputs; i++)
                {
                    data.Write(bytes);
                }
            }

            Ours(bytes);   // to its last form
            var ours = new List<double>();
            var theirs = new List<double>();
            for (int run = 0; run < runs; run++)
            {
                ours.Add(Ours(bytes));
                theirs.Add(await TheirsAsync(b3sum, file, cancellationToken));
            }

            return (Statistics.Median(ours), Statistics.Median(theirs));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static double Ours(byte[] bytes)
    {
        double before = LibC.UserSeconds(ofChildren: false);
        for (int i = 0; i < Inputs; i++)
        {
            _ = Blake3.Hash(bytes);
        }

        return (double)Input * Inputs / (LibC.UserSeconds(ofChildren: false) - before);
    }

    private static async Task<double> TheirsAsync(string b3sum, string file, CancellationToken cancellationToken)
    {
        double before = LibC.UserSeconds(ofChildren: true);
        await RunningProcess.CallAsync(new Command(b3sum, "--num-threads", "1", file), cancellationToken);
        return (double)Input * Inputs / (LibC.UserSeconds(ofChildren: true) - before);
    }
}
