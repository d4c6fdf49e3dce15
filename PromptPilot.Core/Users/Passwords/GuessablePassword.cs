using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Users.Passwords;

/// <summary>
/// Passwords that attackers try first, even long ones. There are no rules about kinds of characters: they make passwords worse (NIST SP
/// 800-63B, 3.1.1.2).
/// </summary>
internal static class GuessablePassword
{
    /// <summary>The longest unit that, repeated, does not make a password: abcabcabcabc.</summary>
    private const int LongestUnit = 4;

    private static readonly string[] Words =
    [
        "password",
        "passwort",
        "passphrase",
        "kennwort",
        "motdepasse",
        "contrasena",
        "senha",
        "parola",
        "wachtwoord",
        "secret",
        "welcome",
        "willkommen",
        "letmein",
        "changeme",
        "default",
        "iloveyou",
        "admin",
        "administrator",
        "root",
        "superuser",
        "user",
        "test",
        "testing",
        "login",
        "access",
        "master",
        "monkey",
        "dragon",
        "sunshine",
        "princess",
        "football",
        "baseball",
        "spring",
        "summer",
        "autumn",
        "winter",
        "qwerty",
        "qwertz",
        "azerty",
        "promptpilot",
        "prompt",
        "pilot",
        "portal",
    ];

    /// <summary>Rows of keyboards and common sequences; reversed ones are found too.</summary>
    private static readonly string[] Rows =
    [
        "abcdefghijklmnopqrstuvwxyz",
        "01234567890",
        "1234567890",
        "qwertyuiop[]",
        "qwertzuiop",
        "azertyuiop",
        "asdfghjkl;'",
        "zxcvbnm,./",
        "yxcvbnm",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.",
        "!@#$%^&*()",
    ];

    /// <summary>Why the password is too easy to guess; null if it is not.</summary>
    /// <param name="own">Words known about the user and the portal: the e-mail address, the portal's name.</param>
    public static FieldError? Explain(string password, params ReadOnlySpan<string?> own)
    {
        if (CommonPasswords.Contains(password))
        {
            return Error("This is one of the most common passwords. Choose another one, such as four unrelated words.");
        }

        var lower = password.ToLowerInvariant();
        if (IsRepetition(lower) || IsSequence(lower))
        {
            return Error("Repeated characters and sequences are easy to guess. Choose another one, such as four unrelated words.");
        }

        var cores = CoresOf(lower);
        if (cores.Any(core => IsMadeOf(core, Words)))
        {
            return Error("This is a very common password with digits added. Choose another one, such as four unrelated words.");
        }

        List<string> names = [];
        foreach (var text in own)
        {
            names.AddRange(NamesIn(text));
        }

        names.AddRange(Words);
        return cores.Any(core => IsMadeOf(core, names))
            ? Error("This is little more than your e-mail address or the portal's name. Choose another one, such as four unrelated words.")
            : null;
    }

    private static FieldError Error(string message) => new("password", message);

    /// <summary>One character, or a short unit, over and over; also cut off within it.</summary>
    private static bool IsRepetition(string text)
    {
        for (var unit = 1; unit <= LongestUnit; unit++)
        {
            var length = unit;
            if (text.Index().All(at => at.Item == text[at.Index % length]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Pieces of at least four characters that are equal, or neighbors on a row, and nothing else.</summary>
    private static bool IsSequence(string text)
    {
        for (var at = 0; at < text.Length; )
        {
            var run = RunAt(text, at);
            if (run < Math.Min(4, text.Length - at))
            {
                return false;
            }

            at += run;
        }

        return true;
    }

    private static int RunAt(string text, int start)
    {
        var longest = 1;
        foreach (var step in (ReadOnlySpan<int>)[1, -1, 0])
        {
            var end = start + 1;
            while (end < text.Length && AreNeighbors(text[end - 1], text[end], step))
            {
                end++;
            }

            longest = Math.Max(longest, end - start);
        }

        return longest;
    }

    private static bool AreNeighbors(char first, char second, int step)
    {
        if (step == 0)
        {
            return first == second;
        }

        foreach (var row in Rows)
        {
            var at = row.IndexOf(first, StringComparison.Ordinal);
            if (at >= 0 && at + step >= 0 && at + step < row.Length && row[at + step] == second)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The letters alone, and with the usual replacements undone, without additions at either end.</summary>
    private static string[] CoresOf(string lower)
    {
        var core = lower.Trim([.. lower.Where(character => !char.IsLetter(character) && character is not ('@' or '$'))]);
        return [string.Concat(core.Where(char.IsLetter)), string.Concat(core.Select(LetterFor).Where(char.IsLetter))];
    }

    private static char LetterFor(char character) =>
        character switch
        {
            '@' or '4' => 'a',
            '3' => 'e',
            '1' or '!' => 'i',
            '0' => 'o',
            '$' or '5' => 's',
            '7' => 't',
            _ => character,
        };

    /// <summary>True when the text is these words and nothing else.</summary>
    private static bool IsMadeOf(string text, IReadOnlyList<string> words)
    {
        if (text.Length == 0)
        {
            return false;
        }

        // reachable[i]: the first i characters are whole words.
        var reachable = new bool[text.Length + 1];
        reachable[0] = true;
        for (var at = 0; at < text.Length; at++)
        {
            if (!reachable[at])
            {
                continue;
            }

            foreach (var word in words)
            {
                if (string.CompareOrdinal(text, at, word, 0, word.Length) == 0)
                {
                    reachable[at + word.Length] = true;
                }
            }
        }

        return reachable[^1];
    }

    /// <summary>The words of an address or name, of at least three letters.</summary>
    private static IEnumerable<string> NamesIn(string? text) =>
        text is null
            ? []
            : text.ToLowerInvariant()
                .Split([.. text.ToLowerInvariant().Where(character => !char.IsLetter(character)).Distinct()])
                .Where(word => word.Length >= 3);
}
