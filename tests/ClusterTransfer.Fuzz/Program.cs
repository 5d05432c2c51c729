using System.Diagnostics;
using System.Globalization;
using ClusterTransfer.Fuzz;
using ClusterTransfer.Fuzz.Hocon;

// Usage: TARGET [--count N] [--seed S] [--first I]. Exit code 0 fine, 1 a failure, 2 usage, 3 a hang.
IFuzzTarget[] targets = [new HoconTarget()];
TimeSpan hang = TimeSpan.FromSeconds(30);
long count = 100_000, seed = 1, first = 0;
IFuzzTarget? target = args.Length > 0 ? Array.Find(targets, candidate => candidate.Name == args[0]) : null;
bool valid = target is not null && args.Length % 2 == 1;
for (int i = 1; valid && i < args.Length; i += 2)
{
    valid = long.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out long number);
    switch (args[i])
    {
        case "--count": count = number; break;
        case "--seed": seed = number; break;
        case "--first": first = number; break;
        default: valid = false; break;
    }
}

if (!valid || target is null)
{
    Console.Error.WriteLine($"Usage: TARGET [--count N] [--seed S] [--first I]; targets: {string.Join(", ", targets.Select(candidate => candidate.Name))}.");
    return 2;
}

var run = new FuzzRun(target, seed);
var clock = Stopwatch.StartNew();
long seen = -1;
var since = Stopwatch.StartNew();
using var watchdog = new Timer(
    _ =>
    {
        if (run.Index != seen)
        {
            seen = run.Index;
            since.Restart();
        }
        else if (since.Elapsed > hang)
        {
            Console.Error.WriteLine($"HANG: {target.Name}, seed {seed}, index {run.Index} takes more than {hang.TotalSeconds:0} s.\n--- input\n{run.Current?.Shown}\n---");
            Environment.Exit(3);
        }
    },
    null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

try
{
    // In blocks, so that after a crash of the whole process the last line says where to look.
    const long Block = 250_000;
    for (long done = 0; done < count; done += Block)
    {
        run.Run(first + done, Math.Min(Block, count - done));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Math.Min(done + Block, count):N0} of {count:N0} inputs, {run.Valid:N0} valid, slowest {run.Slowest.TotalMilliseconds:N0} ms (index {run.SlowestIndex}), {clock.Elapsed.TotalSeconds:N0} s"));
    }
}
catch (FuzzException failure)
{
    Console.Error.WriteLine($"FAILED: {failure.Message}\n{failure.InnerException}");
    return 1;
}

Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.Name}: {count:N0} inputs of seed {seed} from {first:N0}, no crash, no hang, {run.Valid:N0} valid, {clock.Elapsed.TotalSeconds:N0} s"));
return 0;
