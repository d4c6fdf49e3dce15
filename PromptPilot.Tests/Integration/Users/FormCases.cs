using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.SignIn;
using PromptPilot.Core.Users.TwoFactor;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Users;

/// <summary>A form as somebody has it open in a browser, ready to be sent, and what sending it does.</summary>
/// <param name="Browser">In the state in which the page offers the form, if that can be had.</param>
/// <param name="Page">Where the form stands.</param>
/// <param name="To">Where it is sent to; mostly its own page.</param>
/// <param name="CountAsync">How often it has taken effect.</param>
internal sealed record OpenedForm(
    CookieClient Browser,
    string Page,
    string To,
    IReadOnlyList<(string Name, string Value)> Fields,
    Func<Task<int>> CountAsync
);

/// <summary>Each form of the plain pages, by its name, and each address that takes a form, by its path.</summary>
internal sealed class FormCases(PortalHost portal, TimeProvider time)
{
    private const string NewPassword = "seven lamps under water 7";

    public IReadOnlyDictionary<string, Func<Task<OpenedForm>>> All =>
        new Dictionary<string, Func<Task<OpenedForm>>>
        {
            ["sign-in"] = SignInAsync,
            ["passkey"] = PasskeyAsync,
            ["second-factor"] = SecondFactorAsync,
            ["set-password"] = SetPasswordAsync,
            ["setup"] = SetupAsync,
            ["change-password"] = ChangePasswordAsync,
            ["begin-two-factor"] = BeginTwoFactorAsync,
            ["confirm-two-factor"] = ConfirmTwoFactorAsync,
            ["add-passkey"] = AddPasskeyAsync,
            ["remove-passkey"] = RemovePasskeyAsync,
            ["/account/sign-out"] = SignOutAsync,
            ["/account/passkeys/creation-options"] = CreationOptionsAsync,
            ["/account/passkeys/request-options"] = RequestOptionsAsync,
            ["/admin/storage/backup"] = BackupAsync,
        };

    /// <summary>Those whose effect is there once, however often they are sent. The others have none, or none that counts.</summary>
    public static readonly string[] Effective = ["second-factor", "set-password", "change-password", "confirm-two-factor"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private async Task<OpenedForm> SignInAsync()
    {
        var ann = await portal.AddPersonAsync(Role.Viewer);
        return Named("/account/sign-in", "sign-in", new CookieClient(portal), [("Email", ann.Email), ("Password", ann.Password)]);
    }

    private Task<OpenedForm> PasskeyAsync() =>
        Task.FromResult(Named("/account/sign-in", "passkey", new CookieClient(portal), [("Credential", "{}")]));

    private async Task<OpenedForm> SecondFactorAsync()
    {
        var (ann, key) = await WithTwoFactorAsync();
        var browser = new CookieClient(portal);
        await browser.SignInAsync(ann);
        var codes = Totp.CodeAt(key, Totp.StepAt(time.GetUtcNow()));
        return Named(
            "/account/second-factor",
            "second-factor",
            browser,
            [("Code", codes)],
            () => CountAsync(db => db.Sessions.CountAsync(s => s.UserId == ann.Id, Cancellation))
        );
    }

    private async Task<OpenedForm> SetPasswordAsync()
    {
        var ann = await portal.AddPersonAsync(Role.Viewer);
        var link = (await portal.Get<UserService>().ResetPasswordAsync((await portal.GetAdminAsync()).Actor, ann.Id, Cancellation)).Value;
        return Named(link.Path!, "set-password", new CookieClient(portal), [("Password", NewPassword)], () => ChangesAsync(ann.Id));
    }

    private Task<OpenedForm> SetupAsync() =>
        Task.FromResult(
            Named(
                "/setup?code=used",
                "setup",
                new CookieClient(portal),
                [("Name", "Eve"), ("Email", "eve@example.org"), ("Password", NewPassword)]
            )
        );

    private async Task<OpenedForm> ChangePasswordAsync()
    {
        var (ann, browser) = await SignedInAsync();
        return Named(
            "/account/change-password",
            "change-password",
            browser,
            [("Current", ann.Password), ("Password", NewPassword)],
            () => ChangesAsync(ann.Id)
        );
    }

    private async Task<OpenedForm> BeginTwoFactorAsync()
    {
        var (_, browser) = await SignedInAsync();
        return Named("/account/two-factor", "begin-two-factor", browser, []);
    }

    private async Task<OpenedForm> ConfirmTwoFactorAsync()
    {
        var (ann, browser) = await SignedInAsync();
        (await browser.PostAsync("/account/two-factor", "begin-two-factor")).Dispose();
        var code = Totp.CodeAt(await KeyAsync(ann), Totp.StepAt(time.GetUtcNow()));
        return Named(
            "/account/two-factor",
            "confirm-two-factor",
            browser,
            [("Code", code)],
            () => CountAsync(db => db.Users.CountAsync(u => u.Id == ann.Id && u.TwoFactorEnabled, Cancellation))
        );
    }

    private async Task<OpenedForm> AddPasskeyAsync()
    {
        var (_, browser) = await SignedInAsync();
        return Named("/account/passkeys", "add-passkey", browser, [("Name", "A device"), ("Credential", "{}")]);
    }

    private async Task<OpenedForm> RemovePasskeyAsync()
    {
        var (_, browser) = await SignedInAsync();
        return Named("/account/passkeys", "remove-passkey", browser, []) with
        {
            Fields = [("_handler", "remove-passkey"), ("Removed.Id", "AAAA")],
        };
    }

    private async Task<OpenedForm> SignOutAsync() => Plain("/account/sign-out", "/account/sign-out", (await SignedInAsync()).Browser);

    private async Task<OpenedForm> CreationOptionsAsync() =>
        Plain("/account/passkeys", "/account/passkeys/creation-options", (await SignedInAsync()).Browser);

    private Task<OpenedForm> RequestOptionsAsync() =>
        Task.FromResult(Plain("/account/sign-in", "/account/passkeys/request-options", new CookieClient(portal)));

    private async Task<OpenedForm> BackupAsync() => Plain("/account/sign-out", "/admin/storage/backup", (await SignedInAsync()).Browser);

    private static OpenedForm Named(
        string page,
        string name,
        CookieClient browser,
        IEnumerable<(string Name, string Value)> fields,
        Func<Task<int>>? count = null
    ) =>
        new(
            browser,
            page,
            page,
            [("_handler", name), .. fields.Select(field => ($"Form.{field.Name}", field.Value))],
            count ?? (() => Task.FromResult(1))
        );

    private static OpenedForm Plain(string page, string to, CookieClient browser) => new(browser, page, to, [], () => Task.FromResult(1));

    private async Task<(TestPerson Person, CookieClient Browser)> SignedInAsync()
    {
        var ann = await portal.AddPersonAsync(Role.Viewer);
        var browser = new CookieClient(portal);
        await browser.SignInAsync(ann);
        return (ann, browser);
    }

    private async Task<(TestPerson Person, byte[] Key)> WithTwoFactorAsync()
    {
        var ann = await portal.AddPersonAsync(Role.Viewer);
        var service = portal.Get<TwoFactorService>();
        await service.OfferAsync(ann.Actor, Cancellation);
        var key = await KeyAsync(ann);
        // With the code of the step before, so that the present one is still to be had.
        var confirmed = await service.ConfirmAsync(ann.Actor, Totp.CodeAt(key, Totp.StepAt(time.GetUtcNow()) - 1), Cancellation);
        confirmed.IsOk.Should().BeTrue();
        return (ann, key);
    }

    private async Task<byte[]> KeyAsync(TestPerson person)
    {
        await using var db = await portal.Contexts.CreateDbContextAsync(Cancellation);
        var kept = await db.Users.Where(u => u.Id == person.Id).Select(u => u.TotpKey).SingleAsync(Cancellation);
        return portal.Get<TotpKeys>().Unprotect(kept!);
    }

    /// <summary>1 when the password is the new one.</summary>
    private Task<int> ChangesAsync(string userId) =>
        CountAsync(async db =>
        {
            var user = await db.Users.SingleAsync(u => u.Id == userId, Cancellation);
            var check = new PasswordHasher<User>().VerifyHashedPassword(user, user.PasswordHash!, NewPassword);
            return check == PasswordVerificationResult.Failed ? 0 : 1;
        });

    private async Task<int> CountAsync(Func<PromptPilotDbContext, Task<int>> count)
    {
        await using var db = await portal.Contexts.CreateDbContextAsync(Cancellation);
        return await count(db);
    }
}
