namespace PromptPilot.Core.Files;

/// <summary>Section <c>PromptPilot:Files</c>.</summary>
public sealed class FilesOptions
{
    public const string Section = "PromptPilot:Files";

    /// <summary>Largest picture or document, in MB. 1 to 100.</summary>
    public int MaxFileMegabytes { get; set; } = 20;

    /// <summary>Most pictures and documents that one run, call or test case may have. 1 to 100.</summary>
    public int MaxFilesPerRun { get; set; } = 10;

    /// <summary>Most space that all stored files may use together, in MB. 10 to 1,000,000.</summary>
    public int MaxTotalMegabytes { get; set; } = 5_000;

    /// <summary>Longest side of a picture, in pixels. 100 to 20,000.</summary>
    public int MaxPictureSide { get; set; } = 8_000;

    /// <summary>Most pages of a PDF. 1 to 10,000.</summary>
    public int MaxPages { get; set; } = 500;

    /// <summary>Longest text of a document, in characters. 1,000 to 3,000,000.</summary>
    public int MaxTextLength { get; set; } = 1_000_000;

    internal long MaxFileBytes => MaxFileMegabytes * 1024L * 1024;
}
