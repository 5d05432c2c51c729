using System.Runtime.Versioning;

// File modes are part of what is tested.
[assembly: UnsupportedOSPlatform("windows")]
