using ClusterTransfer.Cli;
using ClusterTransfer.Cli.Terminal;

using Signals signals = Signals.OfProcess();
return await CtApplication.RunAsync(args, CliHost.OfProcess(signals));
