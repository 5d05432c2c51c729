// Real processes share two cores and one disk: one scenario at a time, and one set of source data for all of them.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: AssemblyFixture(typeof(ClusterTransfer.Chaos.Harness.SourceData))]
// /proc, signals and Unix file modes: the project is for Linux alone, as the nodes are.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
