namespace PromptPilot.Tests.Support;

/// <summary>Where the solution lies, found upwards from the test binaries.</summary>
public static class RepositoryRoot
{
    public static string Path { get; } = Find();

    public static string File(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (System.IO.File.Exists(System.IO.Path.Combine(directory.FullName, "PromptPilot.Blazor.sln")))
            {
                return directory.FullName;
            }
        }

        throw new InvalidOperationException($"There is no PromptPilot.Blazor.sln above {AppContext.BaseDirectory}.");
    }
}
