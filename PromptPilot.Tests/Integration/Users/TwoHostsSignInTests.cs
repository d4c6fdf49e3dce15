using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.Setup;
using PromptPilot.Core.Users.TwoFactor;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Users;

/// <summary>Sign-ins of one account, and the first admin, by two hosts at the same time.</summary>
[Trait("Database", "PostgreSQL")]
public sealed class TwoHostsSignInTests : IAsyncLifetime
{
    private static readonly FirstAdminRequest First = new("First", "first@example.org", "the first long password 1");

    private TwoPortals _portals = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _portals = await TwoPortals.StartAsync(isUnattended: false);

    public ValueTask DisposeAsync() => _portals?.DisposeAsync() ?? default;

    [Fact]
    public async Task Accounts_OnTwoHosts_AreOne()
    {
        var (a, b) = (_portals.A, _portals.B);
        await FirstAdmin_ByTheLinkOfAnotherHost_IsMadeOnceAsync(a, b);
        await WrongPasswords_AreCountedTogetherAsync(a, b);
        await Code_ThatWasUsed_IsRefusedElsewhereAsync(a, b);
    }

    private static async Task FirstAdmin_ByTheLinkOfAnotherHost_IsMadeOnceAsync(PortalHost a, PortalHost b)
    {
        var code = a.Get<FirstAdmin>().Code;
        await Eventually.HoldsAsync(async () => await b.Get<FirstAdmin>().AcceptsAsync(code, Token), "B to accept the code of A");
        (await b.Get<FirstAdmin>().AcceptsAsync(code + "x", Token)).Should().BeFalse();

        var made = await Task.WhenAll(
            a.Get<FirstAdmin>().CreateAsync(code, First, Token),
            b.Get<FirstAdmin>().CreateAsync(code, First with { Email = "second@example.org" }, Token)
        );

        made.Count(result => result.IsOk).Should().Be(1);
        (await b.Get<FirstAdmin>().AcceptsAsync(code, Token)).Should().BeFalse("an admin exists");
    }

    private static async Task WrongPasswords_AreCountedTogetherAsync(PortalHost a, PortalHost b)
    {
        var person = await a.AddPersonAsync(Role.Viewer);
        var clients = new[] { a, b, a, b }.Select(host => new CookieClient(host)).ToList();

        await Task.WhenAll(clients.Select(client => client.SignInAsync(person.Email, "a wrong password")));

        clients.ForEach(client => client.Dispose());
        await using var db = await a.Contexts.CreateDbContextAsync(Token);
        (await db.Users.Where(user => user.Id == person.Id).Select(user => user.AccessFailedCount).SingleAsync(Token)).Should().Be(4);
    }

    private static async Task Code_ThatWasUsed_IsRefusedElsewhereAsync(PortalHost a, PortalHost b)
    {
        var person = await a.AddPersonAsync(Role.Viewer);
        var service = a.Get<TwoFactorService>();
        (await service.OfferAsync(person.Actor, Token)).IsOk.Should().BeTrue();
        byte[] key;
        await using (var db = await a.Contexts.CreateDbContextAsync(Token))
        {
            var stored = await db.Users.Where(user => user.Id == person.Id).Select(user => user.TotpKey).SingleAsync(Token);
            key = b.Get<TotpKeys>().Unprotect(stored!);
        }

        var step = Totp.StepAt(DateTimeOffset.UtcNow);
        (await service.ConfirmAsync(person.Actor, Totp.CodeAt(key, step), Token)).IsOk.Should().BeTrue();
        var clients = new[] { a, b, a, b }.Select(host => new CookieClient(host)).ToList();
        foreach (var client in clients)
        {
            await client.SignInAsync(person);
        }

        // The next step is accepted too, since clocks differ.
        var results = await Task.WhenAll(clients.Select(client => client.GiveCodeAsync(Totp.CodeAt(key, step + 1))));

        clients.ForEach(client => client.Dispose());
        results.Count(path => path == "/").Should().Be(1);
    }
}
