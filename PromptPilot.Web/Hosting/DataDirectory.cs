using PromptPilot.Core.Shared.Settings;

namespace PromptPilot.Web.Hosting;

/// <summary>Where database, key ring and backups live. One host at a time: it is locked while the host runs.</summary>
internal sealed class DataDirectory(IConfiguration configuration, IHostEnvironment environment) : ISettingsCheck, IDisposable
{
    public const string Key = "PromptPilot:DataDirectory";

    private FileStream? _lock;

    /// <summary>By default beside the project in development and beside the binaries otherwise.</summary>
    public string Path { get; } =
        System.IO.Path.GetFullPath(
            configuration[Key] is { Length: > 0 } chosen ? chosen : "data",
            environment.IsDevelopment() ? environment.ContentRootPath : AppContext.BaseDirectory
        );

    public string Database => System.IO.Path.Combine(Path, "promptpilot.db");

    public string KeyRing => System.IO.Path.Combine(Path, "keys");

    public string Backups => System.IO.Path.Combine(Path, "backups");

    public IReadOnlyList<string> Errors(IConfiguration configuration)
    {
        try
        {
            Create(Path);
            return [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [$"{Key} is “{Path}”, which cannot be created: {exception.Message}"];
        }
    }

    /// <summary>Takes the directory for this process, until it ends.</summary>
    /// <returns>Null, or why it cannot be had.</returns>
    public string? Lock()
    {
        var file = System.IO.Path.Combine(Path, "host.lock");
        try
        {
            // The system lets go of it when the process ends, in whatever way.
            _lock = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            Create(KeyRing);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"The data directory {Path} is in use by another PromptPilot, or cannot be written to ({exception.Message}). Stop the other one, or set {Key} to another directory.";
        }
    }

    public void Dispose() => _lock?.Dispose();

    private static void Create(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            // Keys and database are nobody else's business.
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
