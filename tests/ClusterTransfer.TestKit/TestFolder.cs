namespace ClusterTransfer.TestKit;

/// <summary>A private temp folder of one test, deleted with everything in it at the end.</summary>
public sealed class TestFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clustertransfer-test-");

    /// <summary>The folder's absolute path.</summary>
    public string Path => _folder.FullName;

    /// <summary>A path beneath it.</summary>
    public string this[params string[] parts] => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Makes a folder beneath it and returns its path.</summary>
    public string Create(params string[] parts) => Directory.CreateDirectory(this[parts]).FullName;

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);
}
