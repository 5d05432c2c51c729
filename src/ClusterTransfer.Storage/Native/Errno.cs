namespace ClusterTransfer.Storage.Native;

/// <summary>Error numbers of Linux on x64 and arm64 that the code looks at; any other number is passed on as it is.</summary>
internal enum Errno
{
    None = 0,
    NotPermitted = 1,
    NoEntry = 2,
    Interrupted = 4,
    InputOutput = 5,
    NoDeviceOrAddress = 6,
    TryAgain = 11,
    NoMemory = 12,
    AccessDenied = 13,
    Exists = 17,
    CrossDevice = 18,
    NoDevice = 19,
    NotAFolder = 20,
    IsAFolder = 21,
    Invalid = 22,
    TooManyFilesInSystem = 23,
    TooManyFiles = 24,
    FileTooBig = 27,
    NoSpace = 28,
    ReadOnlyFileSystem = 30,
    TooManyLinks = 31,
    NameTooLong = 36,
    NoSystemCall = 38,
    NotEmpty = 39,
    TooManySymbolicLinks = 40,
    NotSupported = 95,
    Stale = 116,
    QuotaExceeded = 122,
}
