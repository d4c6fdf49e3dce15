using PromptPilot.Core.Runs.Feed;

namespace PromptPilot.Web.Api.Calls;

/// <summary>How a text that is still being written is sent to a client: in which pieces, and how often.</summary>
internal static class LivePieces
{
    /// <summary>Texts that arrive within this time go out together.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    /// <summary>Proxies close connections on which nothing came for longer.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    private const int LongestPiece = 16 * 1024;

    /// <summary>The next piece from an offset on; empty when there is none yet. A character is never split.</summary>
    /// <param name="isLast">Nothing more will come, so that half a character is sent too.</param>
    public static string Next(LiveText text, int offset, bool isLast)
    {
        var piece = text.Slice(offset, LongestPiece);
        return piece.Length > (isLast ? 1 : 0) && char.IsHighSurrogate(piece[^1]) ? piece[..^1] : piece;
    }
}
