using ClusterTransfer.Fuzz;
using ClusterTransfer.Fuzz.Bytes;
using ClusterTransfer.Fuzz.Coverage;

// Exit code 0 fine, 1 a broken promise, 2 usage, 3 a hang, 4 a run that proves nothing, 5 too little coverage.
IReadOnlyList<IFuzzTarget> targets = FuzzTargets.Create();
if (FuzzArguments.Parse(args, targets) is not { } asked)
{
    Console.Error.WriteLine(FuzzArguments.Usage(targets));
    return 2;
}

if (asked.InstrumentTo is { } copy)
{
    Console.WriteLine($"{Instrumenter.CopyTo(copy, asked.Targets)} ways of branches are watched in {copy}.");
    return 0;
}

if ((asked.Coverage || asked.GrowTo is not null) && !BranchReport.IsAvailable)
{
    Console.Error.WriteLine("Coverage is known only to an instrumented copy of this program: make one with --instrument, as scripts/fuzz.sh does.");
    return 2;
}

int worst = 0;
foreach (IFuzzTarget target in asked.Targets)
{
    worst = Math.Max(worst, asked.GrowTo is { } folder ? Grow(target, Path.Combine(folder, target.Name)) : new FuzzSession(target, asked).Run());
}

return worst;

int Grow(IFuzzTarget target, string folder)
{
    if (target is ByteTarget bytes)
    {
        Console.WriteLine($"{target.Name}: {new CorpusGrowth(bytes, asked.Seed).Run(asked.Count, folder)} inputs reached something new and are kept in {folder}.");
    }

    return 0;
}
