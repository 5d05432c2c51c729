using System.Text;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Contexts;

/// <summary>Writes files that only their owner can read: whole or not at all.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerOnlyFolder = OwnerOnly | UnixFileMode.UserExecute;

    /// <summary>Puts the text in place of what the file held. A link stays a link: its target is replaced.</summary>
    /// <exception cref="CliException">It cannot be written; the file is as it was.</exception>
    public static void Replace(string file, string text) => Guard(file, () =>
    {
        string target = new FileInfo(file).LinkTarget is null ? file : File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file;
        MakeFolder(Path.GetDirectoryName(target)!);   // an absolute path of a file has a folder
        string temporary = $"{target}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, Options(FileMode.CreateNew)))
            {
                stream.Write(Encoding.UTF8.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);   // does nothing when it has moved
        }

        return true;
    });

    /// <summary>Deletes the file; nothing for null or when it is not there.</summary>
    /// <exception cref="CliException">It cannot be deleted.</exception>
    public static void Delete(string? file)
    {
        if (file is not null)
        {
            Guard(file, () =>
            {
                File.Delete(file);
                return true;
            });
        }
    }

    /// <summary>Keeps other runs of <c>ct</c> away from a file until it is disposed; null when one of them is at it.</summary>
    /// <exception cref="CliException">Nothing can be written beside it.</exception>
    public static IDisposable? TryLock(string file) => Guard(file, () =>
    {
        string folder = Path.GetDirectoryName(file)!;   // as above
        string beside = Path.Combine(folder, $".{Path.GetFileName(file)}.lock");
        MakeFolder(folder);
        try
        {
            return new FileStream(beside, Options(FileMode.OpenOrCreate));
        }
        catch (IOException) when (File.Exists(beside))
        {
            return null;
        }
    });

    /// <summary>Does something with a file, and names it when that fails.</summary>
    /// <exception cref="CliException">It failed.</exception>
    public static T Guard<T>(string file, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CliException(Reason.NotPermitted, $"{PathText.Escape(file)} cannot be changed: {PathText.Escape(error.Message)}", "Check its folder, its owner and the free space.");
        }
    }

    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerOnlyFolder);
        }
    }

    private static FileStreamOptions Options(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return options;
    }
}
