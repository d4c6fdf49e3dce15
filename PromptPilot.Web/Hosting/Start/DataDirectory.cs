using PromptPilot.Core.Shared.Settings;
using PromptPilot.Core.Storage;

namespace PromptPilot.Web.Hosting.Start;

/// <summary>The directory of database, key ring and backups. It is locked while a host runs, so that there is only one.</summary>
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

    /// <summary>Once locked: a warning about files that other accounts can still read, with the fix; null if there are none.</summary>
    public string? Openness { get; private set; }

    public string Database => System.IO.Path.Combine(Path, "promptpilot.db");

    public string KeyRing => System.IO.Path.Combine(Path, "keys");

    public string Backups => System.IO.Path.Combine(Path, "backups");

    public IReadOnlyList<string> Keys => [Key];

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

    /// <summary>Takes the directory for this process, until it ends, and keeps others from reading it.</summary>
    /// <returns>Null, or why it cannot be had.</returns>
    public StartFailure? Lock()
    {
        PrivateFiles.CreateForOwnerOnly();
        var file = System.IO.Path.Combine(Path, "host.lock");
        try
        {
            // The system releases it when the process ends in any way.
            _lock = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            // Detects a full disk early.
            _lock.WriteByte((byte)'\n');
            _lock.Flush(flushToDisk: true);
            Directory.CreateDirectory(KeyRing);
            Openness = PrivateFiles.Restrict(Path);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new StartFailure(ExitCode.DataDirectory, WhyNot(exception));
        }
    }

    public void Dispose() => _lock?.Dispose();

    private string WhyNot(Exception exception)
    {
        var detail = exception.Message.TrimEnd('.');
        return exception switch
        {
            UnauthorizedAccessException =>
                $"The data directory {Path} cannot be written to ({detail}). Give this account write access, or set {Key} to "
                    + "another directory.",
            _ when StartFailure.IsDiskFull(exception) =>
                $"The disk that holds the data directory {Path} is full. Free up space, or set {Key} to another directory.",
            _ when _lock is null && exception.Message.Contains("another process", StringComparison.Ordinal) =>
                $"The data directory {Path} is in use by another PromptPilot. Stop that process, or set {Key} to another directory.",
            _ => $"The data directory {Path} cannot be used ({detail}). Repair it, or set {Key} to another directory.",
        };
    }

    private static void Create(string path)
    {
        if (OperatingSystem.IsWindows() || Directory.Exists(path))
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            // Keys and database are for this account alone.
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
