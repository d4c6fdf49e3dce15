namespace PromptPilot.Core.Exchange;

/// <summary>Limits of an import. Files can come from anyone, so none may exhaust memory or block the host.</summary>
public static class ExchangeLimits
{
    /// <summary>Files of one import, those inside an archive counted one by one.</summary>
    public const int Files = 10_000;

    /// <summary>Bytes of one upload: an archive, or single files together.</summary>
    public const int Upload = 24 * 1024 * 1024;

    /// <summary>Bytes of one file, unpacked.</summary>
    public const int File = 8 * 1024 * 1024;

    /// <summary>Bytes of all files together, unpacked.</summary>
    public const int Total = 96 * 1024 * 1024;

    /// <summary>Characters of a path inside an archive.</summary>
    public const int Path = 400;

    /// <summary>Maps and lists inside each other.</summary>
    public const int Depth = 80;

    /// <summary>Values of one YAML document.</summary>
    public const int Values = 50_000;

    internal static string Megabytes(int bytes) => $"{bytes / (1024 * 1024)} MB";
}
