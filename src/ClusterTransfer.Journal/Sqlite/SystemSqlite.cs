using System.Runtime.InteropServices;
using ClusterTransfer.Model;
using SQLitePCL;

namespace ClusterTransfer.Journal.Sqlite;

/// <summary>Binds the provider's <c>e_sqlite3</c> to the SQLite library that the system maintains, so that its fixes arrive with the system's.</summary>
internal static class SystemSqlite
{
    /// <summary>3.35, of 2021: the oldest that has what the schema and its statements use.</summary>
    private const int MinVersion = 3_035_000;

    private static readonly string[] LibraryNames = ["libsqlite3.so.0", "libsqlite3.dylib", "winsqlite3.dll"];
    private static readonly Lazy<int> Version = new(Bind);

    /// <summary>Loads the library on the first call.</summary>
    /// <exception cref="ClusterTransferException">It is missing or too old; names the package to install.</exception>
    public static void EnsureLoaded() => _ = Version.Value;

    /// <summary>Loads the first library of the list that exists.</summary>
    internal static nint Load(IReadOnlyList<string> names)
    {
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint handle))
            {
                return handle;
            }
        }

        throw new ClusterTransferException(
            Reason.Unclassified,
            $"The SQLite library ({names[0]}) cannot be loaded: install it, on Debian with 'apt-get install libsqlite3-0'.");
    }

    private static int Bind()
    {
        nint library = Load(LibraryNames);
        NativeLibrary.SetDllImportResolver(
            typeof(SQLite3Provider_e_sqlite3).Assembly,
            (name, _, _) => name == "e_sqlite3" ? library : 0);
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        raw.FreezeProvider();
        int version = raw.sqlite3_libversion_number();
        return version >= MinVersion
            ? version
            : throw new ClusterTransferException(
                Reason.VersionMismatch, $"The system's SQLite is {raw.sqlite3_libversion().utf8_to_string()}, too old: install 3.35 or newer.");
    }
}
