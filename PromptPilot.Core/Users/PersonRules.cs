using System.Net.Mail;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users.Passwords;

namespace PromptPilot.Core.Users;

/// <summary>Validates names, e-mail addresses and passwords.</summary>
public static class PersonRules
{
    public const int MaxName = 200;
    public const int MaxEmail = 256;

    /// <summary>Length makes a password strong; kinds of characters are not required.</summary>
    public const int MinPassword = 12;

    public const int MaxPassword = 256;

    internal static FieldError? Name(string name) =>
        name.Trim().Length is 0 or > MaxName ? new FieldError("name", $"A name must have 1 to {MaxName} characters.") : null;

    internal static FieldError? Email(string email) =>
        email.Length <= MaxEmail && MailAddress.TryCreate(email, out var address) && address.Address == email
            ? null
            : new FieldError("email", "This is not an e-mail address.");

    /// <summary>Validates a new password: long enough, and not easy to guess.</summary>
    /// <param name="own">Words known about the user and the portal: the e-mail address, the portal's name.</param>
    internal static FieldError? Password(string password, params ReadOnlySpan<string?> own) =>
        PasswordLength(password) ?? GuessablePassword.Explain(password, own);

    internal static FieldError? PasswordLength(string password) =>
        password.Length is < MinPassword or > MaxPassword
            ? new FieldError("password", $"A password must have {MinPassword} to {MaxPassword} characters.")
            : null;

    internal static FieldError? Role(Role role) =>
        Enum.IsDefined(role) ? null : new FieldError("role", "The role must be viewer, collaborator, architect or admin.");

    internal static List<FieldError> All(params IEnumerable<FieldError?> errors) => [.. errors.OfType<FieldError>()];
}
