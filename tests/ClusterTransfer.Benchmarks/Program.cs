using ClusterTransfer.Benchmarks.Kernel;
using ClusterTransfer.Benchmarks.Micro;
using ClusterTransfer.Benchmarks.RecordLayers;
using ClusterTransfer.Benchmarks.Transfer;

// Arguments: the benchmark, then its own. The table goes to standard output.
return args switch
{
    ["kernel", .. string[] rest] => KernelProgram.Run(rest),
    ["micro", .. string[] rest] => await MicroProgram.RunAsync(rest),
    ["record-layer", .. string[] rest] => await RecordLayerProgram.RunAsync(rest),
    ["transfer", .. string[] rest] => await TransferProgram.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: kernel [--runs N] [--only TEXT] | micro [--only TEXT] | record-layer [--runs N] [--bytes N] [--only TEXT] | transfer --help");
    return 2;
}
