namespace PromptPilot.Core.Models.Pictures;

/// <summary>A picture as it is sent: without metadata.</summary>
/// <param name="Mark">See <see cref="CallPicture.Mark"/>.</param>
/// <param name="MediaType">E.g. <c>image/png</c>.</param>
internal sealed record SentPicture(string Mark, ReadOnlyMemory<byte> Content, string MediaType);

/// <summary>A part of a message: a text, or the picture that follows it.</summary>
internal readonly record struct MessagePart(string Text, SentPicture? Picture = null);

/// <summary>Puts pictures where their marks stand.</summary>
internal static class PicturePlaces
{
    /// <summary>
    /// The parts of each message, in order; null: it is only its text. A picture follows the first of its marks in a message of the user,
    /// and the mark stays, so that other messages can refer to it. Providers take no pictures in other messages: one that only a system
    /// message or an answer mentions opens the last message of the user.
    /// </summary>
    public static IReadOnlyList<MessagePart>?[] Of(IReadOnlyList<ModelMessage> messages, IReadOnlyList<SentPicture> pictures)
    {
        var places = new List<(int At, SentPicture Picture)>?[messages.Count];
        foreach (var picture in pictures)
        {
            var (message, at) = Find(messages, picture.Mark);
            (places[message] ??= []).Add((at, picture));
        }

        return [.. places.Select((found, index) => found is null ? null : Split(messages[index].Text, found))];
    }

    /// <param name="At">Behind the mark; 0: before the message.</param>
    private static (int Message, int At) Find(IReadOnlyList<ModelMessage> messages, string mark)
    {
        var last = messages.Count - 1;
        for (var index = messages.Count - 1; index >= 0; index--)
        {
            if (messages[index].Role == ModelRole.User)
            {
                last = index;
                break;
            }
        }

        for (var index = 0; index < messages.Count; index++)
        {
            if (messages[index].Role == ModelRole.User && messages[index].Text.IndexOf(mark, StringComparison.Ordinal) is >= 0 and var at)
            {
                return (index, at + mark.Length);
            }
        }

        return (last, 0);
    }

    private static List<MessagePart> Split(string text, List<(int At, SentPicture Picture)> places)
    {
        var parts = new List<MessagePart>();
        var from = 0;
        foreach (var (at, picture) in places.OrderBy(place => place.At))
        {
            parts.Add(new MessagePart(at == 0 ? picture.Mark : text[from..at]));
            parts.Add(new MessagePart("", picture));
            from = at;
        }

        // Anthropic refuses parts that are blank.
        if (!string.IsNullOrWhiteSpace(text[from..]))
        {
            parts.Add(new MessagePart(text[from..]));
        }

        return parts;
    }
}
