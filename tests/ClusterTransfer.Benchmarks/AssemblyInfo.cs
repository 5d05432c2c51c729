// /proc, signals and Unix file modes: what is measured runs on Linux alone.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
