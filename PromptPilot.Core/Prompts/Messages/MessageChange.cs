using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Prompts.Messages;

/// <summary>A message that two states of a prompt do not share, or that has another place, role or text.</summary>
/// <param name="Left">Its place from 1 on the left side; null: it was added.</param>
/// <param name="Right">Its place from 1 on the right side; null: it was removed.</param>
public sealed record MessageChange(int? Left, int? Right, MessageRole? LeftRole, MessageRole? RightRole, TextComparison Text)
{
    /// <summary>
    /// The differences, in order: equal messages are matched first, then what is left between them in pairs of equal roles.
    /// </summary>
    public static IReadOnlyList<MessageChange> Between(IReadOnlyList<PromptMessage> left, IReadOnlyList<PromptMessage> right)
    {
        var changes = new List<MessageChange>();
        var (l, r) = (0, 0);
        foreach (var (matchLeft, matchRight) in Matches(left, right).Append((left.Count, right.Count)))
        {
            while (l < matchLeft || r < matchRight)
            {
                // A message with another text keeps its role; else one side has a message that the other has not.
                var isPair = l < matchLeft && r < matchRight && (left[l].Role == right[r].Role || matchLeft - l == matchRight - r);
                if (isPair)
                {
                    changes.Add(Of(left, l++, right, r++));
                }
                else if (l < matchLeft && (r >= matchRight || matchLeft - l > matchRight - r))
                {
                    changes.Add(Of(left, l++, right, null));
                }
                else
                {
                    changes.Add(Of(left, null, right, r++));
                }
            }

            (l, r) = (matchLeft + 1, matchRight + 1);
        }

        return changes;
    }

    private static MessageChange Of(IReadOnlyList<PromptMessage> left, int? l, IReadOnlyList<PromptMessage> right, int? r)
    {
        var (before, after) = (l is { } i ? left[i] : null, r is { } j ? right[j] : null);
        return new MessageChange(l + 1, r + 1, before?.Role, after?.Role, TextComparison.Of(before?.Content ?? "", after?.Content ?? ""));
    }

    /// <summary>The longest common sequence of equal messages: their places on both sides.</summary>
    private static List<(int Left, int Right)> Matches(IReadOnlyList<PromptMessage> left, IReadOnlyList<PromptMessage> right)
    {
        var length = new int[left.Count + 1, right.Count + 1];
        for (var i = left.Count - 1; i >= 0; i--)
        {
            for (var j = right.Count - 1; j >= 0; j--)
            {
                length[i, j] = left[i] == right[j] ? length[i + 1, j + 1] + 1 : Math.Max(length[i + 1, j], length[i, j + 1]);
            }
        }

        var matches = new List<(int, int)>();
        for (var (i, j) = (0, 0); i < left.Count && j < right.Count; )
        {
            if (left[i] == right[j])
            {
                matches.Add((i++, j++));
            }
            else if (length[i + 1, j] >= length[i, j + 1])
            {
                i++;
            }
            else
            {
                j++;
            }
        }

        return matches;
    }
}
