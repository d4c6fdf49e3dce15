using System.Runtime.InteropServices;

namespace PromptPilot.Core.Storage;

/// <summary>
/// Keeps database, keys and backups to the account that the portal runs as. Does nothing on Windows, where a folder passes its rights on.
/// </summary>
public static class PrivateFiles
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite
        | UnixFileMode.OtherExecute;

    /// <summary>Makes everything that this process creates from now on 0700 or 0600, SQLite's own files included.</summary>
    public static void CreateForOwnerOnly()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        try
        {
            _ = SetMask(0b000_111_111);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            // On a system without this library, restricting existing files, which follows, must be enough.
        }
    }

    /// <summary>
    /// Removes all permissions but the owner's from a directory and everything in it, except the targets of links.
    /// </summary>
    /// <returns>Null when that is so now; otherwise what is open to others, and the command that closes it.</returns>
    public static string? Restrict(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        if (File.GetUnixFileMode(directory).HasFlag(UnixFileMode.StickyBit) || Path.GetPathRoot(directory) == directory)
        {
            return $"{directory} is shared by everyone on this machine. Give the portal a directory of its own.";
        }

        var all = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.ReparsePoint,
            IgnoreInaccessible = true,
        };
        var open = Directory.EnumerateFileSystemEntries(directory, "*", all).Prepend(directory).FirstOrDefault(path => !IsRestricted(path));
        return open is null
            ? null
            : $"{open} can be read by other accounts on this machine, and the portal could not change that. Run: chmod -R go-rwx "
                + $"'{directory}'";
    }

    private static bool IsRestricted(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return true;
        }

        try
        {
            var mode = File.GetUnixFileMode(path);
            if ((mode & Others) == 0)
            {
                return true;
            }

            File.SetUnixFileMode(path, mode & ~Others);
            // Some file systems accept the change but do not store it.
            return (File.GetUnixFileMode(path) & Others) == 0;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint SetMask(uint mask);
}
