namespace PromptPilot.Core.Files;

/// <summary>
/// The picture or document behind one or more references. Stored once, by the hash of its content, and deleted when nothing uses it and
/// nobody has sent it for a day.
/// </summary>
public sealed class StoredFile
{
    /// <summary>SHA-256 of the content, in 64 lower-case hexadecimal digits.</summary>
    public required string Hash { get; set; }

    /// <summary>Found in the content, not claimed by the sender, e.g. <c>image/png</c>.</summary>
    public required string MediaType { get; set; }

    /// <summary>In bytes.</summary>
    public long Size { get; set; }

    /// <summary>Of a picture, in pixels; null for documents.</summary>
    public int? Width { get; set; }

    /// <inheritdoc cref="Width"/>
    public int? Height { get; set; }

    /// <summary>Of a PDF.</summary>
    public int? Pages { get; set; }

    /// <summary>Of a document, in characters; null for pictures.</summary>
    public int? TextLength { get; set; }

    /// <summary>Id of the user who sent it first; null: a trigger or the portal.</summary>
    public string? CreatedBy { get; set; }

    public DateTime CreatedAt { get; set; }

    /// <summary>When it was last sent or a run was started with it. Unused files stay for a day after it.</summary>
    public DateTime LastSentAt { get; set; }
}

/// <summary>A part of a file's content. Rows, so that backups and copies have them.</summary>
public sealed class FileChunk
{
    /// <summary>In bytes.</summary>
    public const int Most = 256 * 1024;

    public required string Hash { get; set; }

    /// <summary>0, 1, 2 …</summary>
    public int Number { get; set; }

    public required byte[] Content { get; set; }
}

/// <summary>The text of a document, extracted once, when it was sent.</summary>
public sealed class FileText
{
    public required string Hash { get; set; }

    public required string Text { get; set; }
}

/// <summary>What a file is kept for.</summary>
public enum FileOwner
{
    Run,

    /// <summary>A test case, also as it was in earlier versions of its set.</summary>
    TestCase,

    /// <summary>An execution log outside of runs.</summary>
    Call,

    /// <summary>A request in the inbox of a webhook, see <see cref="FileMarks"/>.</summary>
    Receipt,
}

/// <summary>
/// Keeps a file while its owner exists. No foreign key to the owner: a run's uses are stored before the run is. Cleaning removes uses
/// whose owner does not exist.
/// </summary>
public sealed class FileUse
{
    public required string Hash { get; set; }

    public FileOwner Owner { get; set; }

    public required string OwnerId { get; set; }

    public DateTime CreatedAt { get; set; }
}
