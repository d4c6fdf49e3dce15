using System.Runtime.Versioning;
using PromptPilot.Core.Storage;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Storage;

[UnsupportedOSPlatform("windows")]
public sealed class PrivateFilesTests
{
    private const UnixFileMode All = (UnixFileMode)0b111_111_111;

    [Fact]
    public void Restrict_TakesTheRightsOfOthers_FromAllThatIsThere_AndFollowsNoLinks()
    {
        using var outside = new TempDirectory();
        using var directory = new TempDirectory();
        File.WriteAllText(outside.File("theirs"), "");
        File.SetUnixFileMode(outside.File("theirs"), All);
        Directory.CreateDirectory(directory.File("keys/deep"));
        foreach (var file in new[] { "promptpilot.db", "promptpilot.db-wal", "keys/key.xml", "keys/deep/x", ".hidden" })
        {
            File.WriteAllText(directory.File(file), "");
            File.SetUnixFileMode(directory.File(file), All & ~UnixFileMode.UserExecute);
        }

        File.CreateSymbolicLink(directory.File("link"), outside.File("theirs"));
        foreach (var folder in new[] { directory.Path, directory.File("keys"), directory.File("keys/deep") })
        {
            File.SetUnixFileMode(folder, All);
        }

        PrivateFiles.Restrict(directory.Path).Should().BeNull();

        foreach (var path in Directory.EnumerateFileSystemEntries(directory.Path, "*", SearchOption.AllDirectories).Append(directory.Path))
        {
            if (new FileInfo(path).LinkTarget is null)
            {
                ((int)File.GetUnixFileMode(path)).Should().Be(Directory.Exists(path) ? 0b111_000_000 : 0b110_000_000, path);
            }
        }

        File.GetUnixFileMode(outside.File("theirs")).Should().Be(All, "it is not part of the directory");
    }

    [Fact]
    public void Restrict_OfADirectoryThatAllShare_LeavesItAlone_AndSaysSo()
    {
        using var directory = new TempDirectory();
        File.SetUnixFileMode(directory.Path, All | UnixFileMode.StickyBit);

        PrivateFiles.Restrict(directory.Path).Should().Contain(directory.Path).And.Contain("shared");

        File.GetUnixFileMode(directory.Path).Should().Be(All | UnixFileMode.StickyBit);
    }

    [Fact]
    public void Restrict_OfWhatCannotBeChanged_NamesTheCommand()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs a file system that keeps no modes.");

        PrivateFiles.Restrict("/proc/self/task").Should().Contain("chmod -R go-rwx '/proc/self/task'");
    }
}
