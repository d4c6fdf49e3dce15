namespace PromptPilot.Core.Files;

/// <summary>The types of files that are stored.</summary>
public static class MediaTypes
{
    public const string Png = "image/png";
    public const string Jpeg = "image/jpeg";
    public const string Webp = "image/webp";
    public const string Pdf = "application/pdf";
    public const string Docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    public const string Html = "text/html";
    public const string Text = "text/plain";

    private static readonly (string Type, FileKind Kind, string Extension, string Name)[] All =
    [
        (Png, FileKind.Picture, ".png", "PNG picture"),
        (Jpeg, FileKind.Picture, ".jpg", "JPEG picture"),
        (Webp, FileKind.Picture, ".webp", "WebP picture"),
        (Pdf, FileKind.Document, ".pdf", "PDF"),
        (Docx, FileKind.Document, ".docx", "Word document"),
        (Html, FileKind.Document, ".html", "HTML file"),
        (Text, FileKind.Document, ".txt", "text file"),
    ];

    public static bool IsKnown(string type) => Array.Exists(All, known => known.Type == type);

    /// <summary>The kind of a known type.</summary>
    public static FileKind KindOf(string type) => Array.Find(All, known => known.Type == type).Kind;

    /// <summary>E.g. <c>.png</c>; empty for an unknown type.</summary>
    public static string ExtensionOf(string type) => Array.Find(All, known => known.Type == type).Extension ?? "";

    /// <summary>The type's name in a sentence, e.g. “PNG picture”.</summary>
    public static string NameOf(string type) => Array.Find(All, known => known.Type == type).Name ?? "file";

    /// <summary>What a kind accepts, in a sentence.</summary>
    public static string Accepted(FileKind kind) =>
        kind switch
        {
            FileKind.Picture => "a picture (PNG, JPEG or WebP)",
            FileKind.Document => "a document (PDF, DOCX, HTML or text)",
        };
}
