using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Storage.Tests.Native;

/// <summary>A test's folder whose content may have names that System.IO cannot see, so it is made, listed and removed through handles.</summary>
internal sealed class NativeFolder : IDisposable
{
    private readonly TestFolder _folder = new();

    public NativeFolder() => Handle = FolderHandle.OpenAbsolute(_folder.Path);

    public FolderHandle Handle { get; }

    public string Path => _folder.Path;

    public string this[params string[] parts] => _folder[parts];

    public static SafeRelativePath PathOf(ReadOnlySpan<byte> bytes) =>
        SafeRelativePath.TryCreate(bytes, out SafeRelativePath? path, out string? problem) ? path : throw new ArgumentException(problem);

    public static SafeRelativePath PathOf(string text) => PathOf(Encoding.UTF8.GetBytes(text));

    public void MakeFolder(ReadOnlySpan<byte> path) => Handle.OpenOrCreateFolders(PathOf(path), 0x1ed).Dispose();

    public void MakeFile(ReadOnlySpan<byte> path, ReadOnlySpan<byte> content)
    {
        SafeRelativePath safe = PathOf(path);
        using FolderHandle folder = Handle.OpenOrCreateFolders(safe.Parent, 0x1ed);
        using FileHandle file = folder.OpenOrCreateFile(safe.Name, 0x1a4);
        file.SetLength(0);
        file.Write(content, 0);
    }

    public void MakeLink(ReadOnlySpan<byte> path, ReadOnlySpan<byte> target)
    {
        SafeRelativePath safe = PathOf(path);
        using FolderHandle folder = Handle.OpenOrCreateFolders(safe.Parent, 0x1ed);
        folder.TryCreateSymbolicLink(target, safe.Name).OrThrow("link", folder, safe.Name);
    }

    public List<byte[]> Names(ReadOnlySpan<byte> path)
    {
        using FolderHandle folder = Handle.OpenFolder(path);
        List<byte[]> names = [];
        folder.List(name => names.Add(name.ToArray()));
        return names;
    }

    public void Dispose()
    {
        Empty(Handle);
        Handle.Dispose();
        _folder.Dispose();
    }

    public static void Empty(FolderHandle folder)
    {
        List<byte[]> names = [];
        folder.List(name => names.Add(name.ToArray()));
        foreach (byte[] name in names)
        {
            if (folder.TryStatus(name, out FileStatus status) == Errno.None && status.Kind == FileKind.Folder)
            {
                using (FolderHandle child = folder.OpenFolder(name))
                {
                    Empty(child);
                }

                folder.TryRemoveFolder(name).OrThrow("remove", folder, name);
            }
            else
            {
                folder.TryRemoveFile(name).OrThrow("remove", folder, name);
            }
        }
    }
}
