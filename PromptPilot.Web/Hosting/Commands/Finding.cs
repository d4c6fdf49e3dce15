namespace PromptPilot.Web.Hosting.Commands;

/// <summary>How a check of <c>doctor</c> ended.</summary>
internal enum FindingStatus
{
    Ok,
    Skipped,
    Warning,
    Failed,
}

/// <summary>What a check found, and what to do about it.</summary>
internal sealed record Finding(string Check, FindingStatus Status, string Text)
{
    public static Finding Ok(string check, string text) => new(check, FindingStatus.Ok, text);

    public static Finding Skipped(string check, string text) => new(check, FindingStatus.Skipped, text);

    public static Finding Warning(string check, string text) => new(check, FindingStatus.Warning, text);

    public static Finding Failed(string check, string text) => new(check, FindingStatus.Failed, text);

    public override string ToString() =>
        $"{Status switch
    {
        FindingStatus.Ok => "ok     ",
        FindingStatus.Skipped => "skipped",
        FindingStatus.Warning => "WARNING",
        FindingStatus.Failed => "FAILED ",
    }}  {Check}: {Text}";
}
