using MimeKit;

namespace PromptPilot.Core.Mail;

/// <summary>Which e-mail addresses mail goes to.</summary>
internal static class MailAddresses
{
    /// <summary>The longest that a mail server has to take (RFC 5321, 4.5.3.1.3, without the brackets).</summary>
    public const int MaxLength = 254;

    /// <summary>
    /// Exactly one address: no name, list, group, route, comment or quoted part, and nothing that could begin a header or command of its
    /// own.
    /// </summary>
    /// <returns>The error; null when there is none.</returns>
    public static string? Problem(string? address)
    {
        if (string.IsNullOrEmpty(address))
        {
            return "Enter an e-mail address.";
        }

        return
            address.Length <= MaxLength
            && !address.Any(character =>
                char.IsControl(character) || char.IsWhiteSpace(character) || "\"(),:;<>[]\\".Contains(character, StringComparison.Ordinal)
            )
            && address.IndexOf('@', StringComparison.Ordinal) is > 0 and <= 64 and var at
            && at == address.LastIndexOf('@')
            && Uri.CheckHostName(address[(at + 1)..]) == UriHostNameType.Dns
            && MailboxAddress.TryParse(address, out var parsed)
            && parsed.Address == address
            ? null
            : "This is not an e-mail address like ann@example.org.";
    }
}
