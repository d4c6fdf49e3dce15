using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Liquid;

/// <summary>
/// Scriban reads names of letters and digits, one UTF-16 code unit at a time. Names with vowel marks (Hindi, Thai) or with letters outside
/// the Basic Multilingual Plane are replaced with stand-ins of the same length before it reads a template, so that each place
/// stays where it is, and are translated back wherever Scriban asks for a value by name.
/// </summary>
internal sealed class LiquidNames
{
    /// <summary>The first of the 1,165 letters of the Yi script, which stand-ins are made of: they are letters to Scriban.</summary>
    private const char FirstLetter = '\uA000';

    private const uint Letters = 1165;

    public static readonly LiquidNames None = new("", FrozenDictionary<string, string>.Empty);

    private readonly FrozenDictionary<string, string> _names;

    private LiquidNames(string text, FrozenDictionary<string, string> names) => (Text, _names) = (text, names);

    /// <summary>The template with stand-ins.</summary>
    public string Text { get; }

    /// <summary>The name that a template has where Scriban has this one.</summary>
    public string Of(string name) => _names.GetValueOrDefault(name, name);

    /// <summary>Replaces the names inside braces. Text outside of them, quoted text, and raw and comment blocks are unchanged.</summary>
    /// <param name="verbatim">Finds the raw and comment blocks.</param>
    public static LiquidNames Read(string text, Regex verbatim)
    {
        if (!NeedsStandIns(text))
        {
            return new LiquidNames(text, FrozenDictionary<string, string>.Empty);
        }

        var blocks = verbatim.Matches(text).ToDictionary(block => block.Index, block => block.Length);
        var reading = new Reading(text, text.ToCharArray(), new Dictionary<string, string>(StringComparer.Ordinal));
        var at = 0;
        while (text.AsSpan(at).IndexOf('{') is >= 0 and var next)
        {
            at += next;
            at =
                blocks.TryGetValue(at, out var length) ? at + length
                : at + 1 < text.Length && text[at + 1] is '{' or '%' ? ReadTag(reading, at)
                : at + 1;
        }

        return new LiquidNames(new string(reading.Replaced), reading.StandIns.ToFrozenDictionary(pair => pair.Value, pair => pair.Key));
    }

    /// <summary>Goes through one pair of braces.</summary>
    /// <returns>The place behind it.</returns>
    private static int ReadTag(Reading reading, int at)
    {
        var text = reading.Text;
        var close = text[at + 1] == '{' ? "}}" : "%}";
        at += 2;
        while (at < text.Length && !text.AsSpan(at).StartsWith(close))
        {
            if (text[at] is '"' or '\'')
            {
                var end = text.IndexOf(text[at], at + 1);
                at = end < 0 ? text.Length : end + 1;
                continue;
            }

            var length = LengthOfName(text.AsSpan(at), out var isPlain);
            if (length > 0 && !isPlain)
            {
                StandIn(reading, text.Substring(at, length)).CopyTo(reading.Replaced.AsSpan(at));
            }

            at += Math.Max(1, length);
        }

        return Math.Min(text.Length, at + 2);
    }

    /// <param name="isPlain">Scriban can read it.</param>
    private static int LengthOfName(ReadOnlySpan<char> text, out bool isPlain)
    {
        var length = 0;
        isPlain = true;
        foreach (var rune in text.EnumerateRunes())
        {
            if (!KeyNames.IsStart(rune) && (length == 0 || !KeyNames.IsInside(rune)))
            {
                break;
            }

            isPlain &= rune.IsBmp && IsPlain((char)rune.Value);
            length += rune.Utf16SequenceLength;
        }

        return length;
    }

    private static bool NeedsStandIns(string text)
    {
        foreach (var c in text)
        {
            if (c > 127 && (char.IsSurrogate(c) || (!IsPlain(c) && Rune.TryCreate(c, out var rune) && KeyNames.IsInside(rune))))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsPlain(char c) => c == '_' || char.IsLetterOrDigit(c);

    /// <summary>
    /// Of the same length, and nothing that the text has. Made of the name alone, so that templates that include each other have the same
    /// one.
    /// </summary>
    private static string StandIn(Reading reading, string name)
    {
        if (reading.StandIns.TryGetValue(name, out var known))
        {
            return known;
        }

        var standIn = new char[name.Length];
        var seed = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(MemoryMarshal.AsBytes(name.AsSpan())));
        do
        {
            var rest = seed++;
            for (var i = 0; i < standIn.Length; i++)
            {
                standIn[i] = (char)(FirstLetter + (int)(rest % Letters));
                rest /= Letters;
            }
        } while (reading.StandIns.ContainsValue(new string(standIn)) || reading.Text.AsSpan().IndexOf(standIn) >= 0);

        return reading.StandIns[name] = new string(standIn);
    }

    private sealed record Reading(string Text, char[] Replaced, Dictionary<string, string> StandIns);
}
