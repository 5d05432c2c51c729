[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

// The runner counts the processor time of all children of this process that have ended: those of one test at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
